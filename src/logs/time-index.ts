/**
 * The index beside a log: for each recorded stretch 16 bytes {stamp f64, end of it in the log u32, flags u32 (with the
 * lag of the stamp)}, little endian. The end and not the length, so that any stretch is found by bisection, without reading the index from its start.
 *
 * A supervisor can be killed between any two writes, and a machine can lose what was not on its disk yet. So the index
 * is believed only as far as it fits the log: unsound records at its end are cut, and bytes without a record are taken
 * for recorded when the log was last written to.
 */
import type { LogDisk } from './disk.ts';
import { RECORD_LIMIT_BYTES } from './segment.ts';
import { stampAt } from './stamp.ts';
import { flagsWithLag } from './segment.ts';
import { lagOf } from './segment.ts';
import { lagAfter } from './stamp.ts';

export const RECORD_BYTES = 16;

export interface LogRecord {
  readonly stamp: number;
  readonly start: number;
  readonly end: number;
  readonly flags: number;
}

export interface LogIndex {
  /** All records, those included that stand for bytes without one. */
  readonly count: number;
  /** So many of them are in the file. */
  readonly writtenCount: number;
  readonly logBytes: number;
  /** All zeros when there is none. */
  readonly last: LogRecord;
  record(index: number): LogRecord;
  /** `[from, to)`. */
  records(from: number, to: number): readonly LogRecord[];
  /** The first record whose stamp is larger; `count` when there is none. */
  find(stamp: number): number;
}

export function encodeRecord(
  into: Buffer,
  at: number,
  { stamp, end, flags }: Omit<LogRecord, 'start'>,
): void {
  into.writeDoubleLE(stamp, at);
  into.writeUInt32LE(end, at + 8);
  into.writeUInt32LE(flags, at + 12);
}

/** Without an index (undefined) all bytes are without records. */
export function openIndex(disk: LogDisk, indexFd: number | undefined, logFd: number): LogIndex {
  // The index first: what it tells of must have been written before.
  const fileCount = indexFd === undefined ? 0 : Math.floor(disk.stat(indexFd).sizeBytes / RECORD_BYTES);
  const { sizeBytes: logBytes, mtimeMs } = disk.stat(logFd);

  /** `[from, to)` of the file. */
  const readRecords = (from: number, to: number): LogRecord[] => {
    const first = Math.max(0, from - 1);
    const bytes = Buffer.alloc((to - first) * RECORD_BYTES);
    if (indexFd !== undefined) disk.read(indexFd, bytes, first * RECORD_BYTES);
    const all: LogRecord[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      const end = bytes.readUInt32LE(at + 8);
      all.push({ stamp: bytes.readDoubleLE(at), start, end, flags: bytes.readUInt32LE(at + 12) });
      start = end;
    }
    return all.slice(from - first);
  };

  const isSound = (index: number): boolean => {
    const [before, record] = index > 0 ? readRecords(index - 1, index + 1) : [NOTHING, ...readRecords(0, 1)];
    if (before === undefined || record === undefined) return false;
    const { stamp, start, end } = record;
    return Number.isSafeInteger(stamp) && stamp > before.stamp && end >= start && end <= logBytes;
  };

  let writtenCount = fileCount;
  while (writtenCount > 0 && !isSound(writtenCount - 1)) writtenCount -= 1;
  const last = writtenCount > 0 ? (readRecords(writtenCount - 1, writtenCount)[0] ?? NOTHING) : NOTHING;
  const tailLag = lagAfter(last.stamp, lagOf(last.flags), mtimeMs);
  const tailStamp = Math.max(last.stamp + 1, stampAt(mtimeMs, tailLag));
  const count = writtenCount + Math.ceil((logBytes - last.end) / RECORD_LIMIT_BYTES);

  const tailRecord = (index: number): LogRecord => {
    const start = last.end + (index - writtenCount) * RECORD_LIMIT_BYTES;
    const end = Math.min(start + RECORD_LIMIT_BYTES, logBytes);
    return { stamp: tailStamp + index - writtenCount, start, end, flags: flagsWithLag(0, tailLag) };
  };

  const records = (from: number, to: number): readonly LogRecord[] => {
    const all = from < writtenCount ? readRecords(from, Math.min(to, writtenCount)) : [];
    for (let index = Math.max(from, writtenCount); index < to; index += 1) all.push(tailRecord(index));
    return all;
  };
  const record = (index: number): LogRecord => records(index, index + 1)[0] ?? NOTHING;

  return {
    count,
    writtenCount,
    logBytes,
    last: count > 0 ? record(count - 1) : NOTHING,
    record,
    records,
    find(stamp) {
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (record(middle).stamp > stamp) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

const NOTHING: LogRecord = { stamp: 0, start: 0, end: 0, flags: 0 };
