/**
 * Reading what was written, by stamps. Nothing is kept open or remembered between two pieces: files may be put aside
 * or removed in between, by us or by another supervisor, and a thousand processes need no thousand descriptors.
 * What cannot be read is passed over.
 */
import { errnoOf, type LogDisk } from './disk.ts';
import { openIndex, type LogIndex, type LogRecord } from './time-index.ts';
import { listLogs, logPaths } from './paths.ts';
import type { LogSegment } from './segment.ts';
import { lagOf } from './segment.ts';
import type { LastStamp } from './stamp.ts';

const MOST_RECORDS = 2_048;
const LEAST_RECORDS = 64;
/** Records of fewer bytes in the mean are read in more pieces. */
const BYTES_PER_RECORD = 32;
/** A rotation that was interrupted leaves one age without files. */
const MOST_MISSING = 2;
const MOST_TRIES = 3;

export interface LogArchive {
  names(): readonly string[];
  /** The first records with stamps above `after`, up to `until`: about `mostBytes`, at least one. Empty: there is none. */
  after(name: string, after: number, until: number, mostBytes: number): readonly LogSegment[];
  /** The last records with stamps below `before`, in order, about `mostBytes`, at least one. Empty: there is none. */
  before(name: string, before: number, mostBytes: number): readonly LogSegment[];
}

interface OpenLog {
  readonly log: number;
  readonly index: LogIndex;
}

export function createLogArchive(disk: LogDisk, directory: string): LogArchive {
  /** Asks one file after the other, the newest first, until one answers. */
  const ask = (name: string, question: (file: OpenLog) => readonly LogSegment[] | undefined) => {
    for (let age = 0, missing = 0; missing < MOST_MISSING; age += 1) {
      const asked = withLog(disk, directory, name, age, (file) => ({
        answer: file.index.count === 0 ? undefined : question(file),
      }));
      if (asked?.answer !== undefined) return asked.answer;
      missing = asked === undefined ? missing + 1 : 0;
    }
    return undefined;
  };

  return {
    names: () => [...listLogs(disk, directory).keys()],

    after(name, after, until, mostBytes) {
      // Of the files that begin after it, the oldest seen so far.
      let next: readonly LogSegment[] = [];
      const inside = ask(name, ({ log, index }) => {
        const first = index.find(after);
        if (first < index.count) {
          next = read(
            disk,
            log,
            first === 0 && index.record(0).stamp > until ? [] : upTo(index, first, until, mostBytes),
          );
        }
        return first > 0 ? next : undefined;
      });
      return inside ?? next;
    },

    before: (name, before, mostBytes) =>
      ask(name, ({ log, index }) => {
        const end = index.find(before - 1);
        return end === 0 ? undefined : read(disk, log, downFrom(index, end, mostBytes));
      }) ?? [],
  };
}

/** The largest stamp of all that is there, and its lag; 0 for nothing. */
export function lastStampIn(disk: LogDisk, directory: string): LastStamp {
  let last: LastStamp = { stamp: 0, lag: 0 };
  for (const [name, ages] of listLogs(disk, directory)) {
    // The newest may have nothing in it yet.
    for (const age of [...ages].sort((a, b) => a - b)) {
      const found = withLog(disk, directory, name, age, ({ index }) => index.last);
      if (found === undefined) continue;
      if (found.stamp > last.stamp) last = { stamp: found.stamp, lag: lagOf(found.flags) };
      if (found.stamp > 0) break;
    }
  }
  return last;
}

/** Undefined where the file is not there or cannot be read. */
export function withLog<T>(
  disk: LogDisk,
  directory: string,
  name: string,
  age: number,
  use: (file: OpenLog) => T,
): T | undefined {
  const paths = logPaths(directory, name, age);
  const opened: number[] = [];
  const open = (path: string): number => {
    const fd = disk.open(path, 'read');
    opened.push(fd);
    return fd;
  };
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const index = disk.inodeAt(paths.index) === undefined ? undefined : open(paths.index);
      const log = open(paths.log);
      const inode = index === undefined ? undefined : disk.stat(index).inode;
      // In a rotation the log leaves before its index: while the index stands, the log beside it is its own.
      if (disk.inodeAt(paths.index) === inode) return use({ log, index: openIndex(disk, index, log) });
    }
  } catch (error) {
    errnoOf(error);
  } finally {
    for (const fd of opened) disk.close(fd);
  }
  return undefined;
}

function recordsFor(bytes: number): number {
  return Math.max(LEAST_RECORDS, Math.min(MOST_RECORDS, Math.floor(bytes / BYTES_PER_RECORD)));
}

function upTo(index: LogIndex, first: number, until: number, mostBytes: number): readonly LogRecord[] {
  const records = index.records(first, Math.min(index.count, first + recordsFor(mostBytes)));
  const most = (records[0]?.start ?? 0) + mostBytes;
  const end = records.findIndex(({ stamp, end }, at) => stamp > until || (at > 0 && end > most));
  return end < 0 ? records : records.slice(0, end);
}

function downFrom(index: LogIndex, end: number, mostBytes: number): readonly LogRecord[] {
  const records = index.records(Math.max(0, end - recordsFor(mostBytes)), end);
  const least = (records.at(-1)?.end ?? 0) - mostBytes;
  const last = records.length - 1;
  return records.slice(records.findIndex(({ start }, at) => start >= least || at === last));
}

function read(disk: LogDisk, log: number, records: readonly LogRecord[]): readonly LogSegment[] {
  const from = records[0]?.start ?? 0;
  const all = Buffer.allocUnsafeSlow((records.at(-1)?.end ?? 0) - from);
  const got = all.subarray(0, readOrNothing(disk, log, all, from));
  return records.map(({ stamp, flags, start, end }) => ({
    stamp,
    flags,
    bytes: got.subarray(start - from, end - from),
  }));
}

function readOrNothing(disk: LogDisk, log: number, into: Buffer, position: number): number {
  try {
    return disk.read(log, into, position);
  } catch (error) {
    errnoOf(error);
    return 0;
  }
}
