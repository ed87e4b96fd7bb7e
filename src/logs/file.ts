/**
 * The log of one process on disk, written from its ring: what is not written yet is simply what the ring's cursor has not
 * reached, so nothing is buffered twice. The log is written before its index and always at its known end, so a write
 * that failed in the middle leaves no trace after the next that succeeds.
 *
 * The files belong to the user, who may delete, rename or truncate them, as logrotate does. So before each write we look
 * whether they are still the ones that we have open, and as long as we left them; if not, they are opened again.
 */
import { errnoOf, type LogDisk } from './disk.ts';
import { encodeRecord, openIndex, RECORD_BYTES } from './time-index.ts';
import { logPaths } from './paths.ts';
import type { LogCursor, LogRing } from './ring.ts';
import { AFTER_GAP, countNewlines, ENDS_RUN } from './segment.ts';

export interface LogFileOptions {
  readonly disk: LogDisk;
  readonly directory: string;
  readonly ring: LogRing;
  /** A file that would become larger is put aside first. */
  readonly maxBytes: number;
  /** So many are kept, the one that is written to included. */
  readonly maxFiles: number;
}

export interface LogFile {
  readonly isOpen: boolean;
  /** What the ring has that is not written yet. */
  readonly waitingRecords: number;
  readonly waitingBytes: number;
  /** What the ring had to forget before it was written. */
  readonly lostBytes: number;
  readonly lostLines: number;
  /** Writes all that waits. Throws what the system says; then it can be tried again. */
  write(): void;
  /** Lets go of the descriptors; `write` takes them again. */
  release(): void;
  /** No more is written; what waits is lost. */
  close(): void;
}

/** Where what is whole ends. */
interface Ends {
  logBytes: number;
  records: number;
}

interface Opened {
  readonly log: number;
  readonly index: number;
  readonly ends: Ends;
}

export function createLogFile({ disk, directory, ring, maxBytes, maxFiles }: LogFileOptions): LogFile {
  const cursor: LogCursor = ring.follow();
  let opened: Opened | undefined;
  /** What is in the file that is written to, once we have looked. */
  let ends: Ends | undefined;
  /** The program that wrote what is there already has ended. */
  let isFirstOpen = true;

  const close = (fd: number): void => {
    try {
      disk.close(fd);
    } catch (error) {
      errnoOf(error);
    }
  };

  const open = (): Opened => {
    if (opened !== undefined) return opened;
    disk.makeDirectory(directory);
    const paths = logPaths(directory, ring.name, 0);
    const log = disk.open(paths.log, 'write');
    let index: number | undefined;
    try {
      index = disk.open(paths.index, 'write');
      if (ends !== undefined && !cutBack(disk, log, index, ends)) forgetEnds();
      ends ??= mend(disk, log, index, isFirstOpen);
      isFirstOpen = false;
      return { log, index, ends };
    } catch (error) {
      close(log);
      if (index !== undefined) close(index);
      throw error;
    }
  };

  /** Somebody has changed the files: the start of an unfinished line may be elsewhere now. */
  const forgetEnds = (): void => {
    ends = undefined;
    cursor.isBroken = true;
  };

  const release = (): void => {
    if (opened === undefined) return;
    close(opened.log);
    close(opened.index);
    opened = undefined;
  };

  /** A pair that somebody has changed is let go of, and what is at its place now is taken. */
  const openIntact = (): Opened => {
    if (opened !== undefined && !isIntact(opened)) {
      release();
      forgetEnds();
    }
    return open();
  };

  const isIntact = ({ log, index, ends: { logBytes, records } }: Opened): boolean => {
    const paths = logPaths(directory, ring.name, 0);
    return (
      isAtPath(disk, log, paths.log, logBytes) && isAtPath(disk, index, paths.index, records * RECORD_BYTES)
    );
  };

  const rotate = (): Opened => {
    release();
    const pathsOf = (age: number) => logPaths(directory, ring.name, age);
    // The index of what is overwritten goes first and that of what moves goes last: after a crash in between, a log can
    // be without its index, but never with that of another.
    for (let age = maxFiles - 1; age > 0; age -= 1) {
      if (disk.inodeAt(pathsOf(age - 1).log) === undefined) continue;
      disk.remove(pathsOf(age).index);
      // A rename onto a file makes ext4 write the renamed one to the disk at once, for which everybody would wait.
      disk.remove(pathsOf(age).log);
      disk.rename(pathsOf(age - 1).log, pathsOf(age).log);
      if (disk.inodeAt(pathsOf(age - 1).index) !== undefined) {
        disk.rename(pathsOf(age - 1).index, pathsOf(age).index);
      }
    }
    disk.remove(pathsOf(0).index);
    disk.remove(pathsOf(0).log);
    ends = undefined;
    return open();
  };

  /** Writes the ring's records up to `until`, to where there is room for them. */
  const append = ({ log, index, ends: file }: Opened, until: number): void => {
    const from = ring.startOf(cursor.record);
    const records = Buffer.allocUnsafe((until - cursor.record) * RECORD_BYTES);
    for (let record = cursor.record; record < until; record += 1) {
      const gap = cursor.isBroken && record === cursor.record ? AFTER_GAP : 0;
      const end = file.logBytes + ring.startOf(record + 1) - from;
      const at = (record - cursor.record) * RECORD_BYTES;
      encodeRecord(records, at, { stamp: ring.stampOf(record), end, flags: ring.flagsOf(record) | gap });
    }
    try {
      let at = file.logBytes;
      ring.visit(from, ring.startOf(until), (bytes) => (at = writeAll(disk, log, bytes, at)));
      writeAll(disk, index, records, file.records * RECORD_BYTES);
      file.logBytes = at;
      file.records += until - cursor.record;
    } catch (error) {
      tryToCutBack(disk, log, index, file);
      throw error;
    }
    ring.move(cursor, until);
    cursor.isBroken = false;
  };

  /** The end of the records that fit into the file; at least one is taken. */
  const fitting = ({ logBytes }: Ends): number => {
    const most = ring.startOf(cursor.record) + maxBytes - logBytes;
    let until = cursor.record + 1;
    while (until < ring.endRecord && ring.startOf(until + 1) <= most) until += 1;
    return until;
  };

  return {
    get isOpen() {
      return opened !== undefined;
    },
    get waitingRecords() {
      return ring.endRecord - cursor.record;
    },
    get waitingBytes() {
      return ring.startOf(ring.endRecord) - cursor.position;
    },
    get lostBytes() {
      return cursor.missedBytes;
    },
    get lostLines() {
      return cursor.missedLines;
    },

    write() {
      while (cursor.record < ring.endRecord) {
        opened = openIntact();
        const firstBytes = ring.startOf(cursor.record + 1) - ring.startOf(cursor.record);
        const { logBytes } = opened.ends;
        if (logBytes > 0 && logBytes + firstBytes > maxBytes) opened = rotate();
        append(opened, fitting(opened.ends));
      }
    },

    release,
    close() {
      release();
      cursor.missedBytes += ring.startOf(ring.endRecord) - cursor.position;
      ring.visit(cursor.position, ring.startOf(ring.endRecord), (bytes) => {
        cursor.missedLines += countNewlines(bytes);
      });
      ring.move(cursor, ring.endRecord);
      ring.unfollow(cursor);
    },
  };
}

/** Makes an index fit its log, and says where both end. */
function mend(disk: LogDisk, log: number, index: number, runsHaveEnded: boolean): Ends {
  const found = openIndex(disk, index, log);
  const { count, writtenCount, logBytes } = found;
  const isTorn = disk.stat(index).sizeBytes !== writtenCount * RECORD_BYTES;
  if (isTorn) disk.truncate(index, writtenCount * RECORD_BYTES);
  if (count === 0) return { logBytes, records: 0 };

  const lastRun = found.record(count - 1);
  const mustEnd = runsHaveEnded && (lastRun.flags & ENDS_RUN) === 0;
  const from = mustEnd ? Math.min(writtenCount, count - 1) : writtenCount;
  const records = Buffer.allocUnsafe((count - from) * RECORD_BYTES);
  found.records(from, count).forEach((record, at) => {
    const flags = mustEnd && from + at === count - 1 ? record.flags | ENDS_RUN : record.flags;
    encodeRecord(records, at * RECORD_BYTES, { ...record, flags });
  });
  writeAll(disk, index, records, from * RECORD_BYTES);
  return { logBytes, records: count };
}

/** The open file is the one at `path`, and not shorter than we left it. */
function isAtPath(disk: LogDisk, fd: number, path: string, leastBytes: number): boolean {
  const { inode, sizeBytes } = disk.stat(fd);
  return sizeBytes >= leastBytes && disk.inodeAt(path) === inode;
}

/** Cuts what is beyond the ends of what is whole; false when not even that is there any more. */
function cutBack(disk: LogDisk, log: number, index: number, { logBytes, records }: Ends): boolean {
  const logSurplus = disk.stat(log).sizeBytes - logBytes;
  const indexSurplus = disk.stat(index).sizeBytes - records * RECORD_BYTES;
  if (logSurplus < 0 || indexSurplus < 0) return false;
  if (logSurplus > 0) disk.truncate(log, logBytes);
  if (indexSurplus > 0) disk.truncate(index, records * RECORD_BYTES);
  return true;
}

/** Where not even this is possible, readers believe the index, and it is done before the next write. */
function tryToCutBack(disk: LogDisk, log: number, index: number, ends: Ends): void {
  try {
    cutBack(disk, log, index, ends);
  } catch (error) {
    errnoOf(error);
  }
}

function writeAll(disk: LogDisk, fd: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length)
    done += disk.write(fd, done === 0 ? bytes : bytes.subarray(done), position + done);
  return position + bytes.length;
}
