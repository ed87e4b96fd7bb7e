/**
 * The recent output of one process in memory: a circular buffer of bytes, and beside it one of records, which say
 * under which stamp a stretch of them came. It starts small and then takes all that it may have at once: pages that were never
 * written take no memory, but buffers that were outgrown would, until they are collected. When it is full the oldest
 * records go. Recording is one copy and allocates nothing.
 *
 * Positions and record numbers count from the beginning of the process and never come back. What reads along (a
 * follower, the log file) holds a cursor. No writer waits for a cursor: a record that goes before it was read is counted.
 */
import { countNewlines, ENDS_RUN, RECORD_LIMIT_BYTES, type LogSegment } from './segment.ts';
import type { LogStamps } from './stamp.ts';
import { flagsWithLag } from './segment.ts';

const FIRST_BYTES = 16 * 1024;
const FIRST_RECORDS = 32;
/** Records are no more than so many for each byte of the limit, or those of single bytes would outweigh them. */
const BYTES_PER_RECORD = 64;
const NEWLINE = 10;

export interface LogCursor {
  /** The next record to read, and the next byte, which is in it. */
  record: number;
  position: number;
  /** Does the byte at `position` belong to a line that began before it? */
  isMidLine: boolean;
  /** Something was missed just before `position`. Its owner resets it. */
  isBroken: boolean;
  /** What was overwritten unread, in all. A line counts where its end was. */
  missedBytes: number;
  missedLines: number;
}

export interface LogRing {
  readonly name: string;
  /** Whatever has this stamp or a smaller one is not here, or not any more. */
  readonly goneStamp: number;
  /** The records here are `firstRecord` and on, less than `endRecord`. */
  readonly firstRecord: number;
  readonly endRecord: number;
  /** What the buffers take, in bytes. */
  readonly heldBytes: number;
  /** Calls `added` for each stretch of it, as a large chunk may be more than fits. */
  append(bytes: Uint8Array, added?: () => void): void;
  /** What comes next belongs to another run. Does nothing where nothing came since the last time. */
  endRun(): void;
  /** From now on it is no larger than this. */
  limit(mostBytes: number): void;
  stampOf(record: number): number;
  startOf(record: number): number;
  flagsOf(record: number): number;
  /** The first record whose stamp is larger; `endRecord` when there is none. */
  find(stamp: number): number;
  /** A copy of `[from, to)` of these records, whole. */
  copy(record: number, endRecord: number): LogSegment[];
  /** Visits `[from, to)` in place, in one or two stretches. */
  visit(from: number, to: number, see: (bytes: Uint8Array) => void): void;
  /** A cursor at the end. */
  follow(): LogCursor;
  unfollow(cursor: LogCursor): void;
  /** Moves the cursor by at most `mostBytes`, and returns a copy of what it passed. Empty at the end. */
  pull(cursor: LogCursor, mostBytes: number): LogSegment[];
  /** Moves the cursor to the beginning of `record`. */
  move(cursor: LogCursor, record: number): void;
}

export function createLogRing(name: string, stamps: LogStamps, limitBytes: number): LogRing {
  const cursors = new Set<LogCursor>();
  let bytes = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, limitBytes));
  let mostBytes = limitBytes;
  let mostInRecord = recordLimit(limitBytes);
  /** Where the next byte goes. */
  let writeIndex = 0;
  let startPosition = 0;
  let endPosition = 0;

  let stampsOf = new Float64Array(FIRST_RECORDS);
  let endsOf = new Float64Array(FIRST_RECORDS);
  let flagsOf = new Uint32Array(FIRST_RECORDS);
  let mask = FIRST_RECORDS - 1;
  let firstRecord = 0;
  let endRecord = 0;
  let goneStamp = stamps.last;
  let runHasEnded = true;

  // ---- Records

  const stampOf = (record: number): number => stampsOf[record & mask] ?? 0;
  const endOf = (record: number): number =>
    record < firstRecord ? startPosition : (endsOf[record & mask] ?? 0);
  const startOf = (record: number): number => endOf(record - 1);
  const endsRun = (record: number): boolean => ((flagsOf[record & mask] ?? 0) & ENDS_RUN) !== 0;

  const addRecord = (stamp: number, flags: number): void => {
    if (endRecord - firstRecord > mask) {
      if (mask + 1 < mostBytes / BYTES_PER_RECORD) resizeRecords((mask + 1) * 2);
      else evict();
    }
    stampsOf[endRecord & mask] = stamp;
    endsOf[endRecord & mask] = endPosition;
    flagsOf[endRecord & mask] = flagsWithLag(flags, stamps.lag);
    endRecord += 1;
  };

  const resizeRecords = (count: number): void => {
    const [oldStamps, oldEnds, oldFlags, oldMask] = [stampsOf, endsOf, flagsOf, mask];
    stampsOf = new Float64Array(count);
    endsOf = new Float64Array(count);
    flagsOf = new Uint32Array(count);
    mask = count - 1;
    for (let record = firstRecord; record < endRecord; record += 1) {
      stampsOf[record & mask] = oldStamps[record & oldMask] ?? 0;
      endsOf[record & mask] = oldEnds[record & oldMask] ?? 0;
      flagsOf[record & mask] = oldFlags[record & oldMask] ?? 0;
    }
  };

  // ---- Room

  const evict = (): void => {
    if (cursors.size > 0) overtakeAll();
    goneStamp = stampOf(firstRecord);
    startPosition = endOf(firstRecord);
    firstRecord += 1;
  };

  const overtakeAll = (): void => {
    for (const cursor of cursors) if (cursor.record === firstRecord) overtake(cursor);
  };

  const overtake = (cursor: LogCursor): void => {
    const end = endOf(firstRecord);
    cursor.missedBytes += end - cursor.position;
    visit(cursor.position, end, (part) => (cursor.missedLines += countNewlines(part)));
    const wasMidLine = end > cursor.position ? byteAt(end - 1) !== NEWLINE : cursor.isMidLine;
    const lineEnds = wasMidLine && endsRun(firstRecord);
    if (lineEnds) cursor.missedLines += 1;
    cursor.isMidLine = wasMidLine && !lineEnds;
    cursor.isBroken = true;
    cursor.record += 1;
    cursor.position = end;
  };

  const makeRoom = (count: number): void => {
    const needed = endPosition - startPosition + count;
    if (needed <= bytes.length) return;
    if (bytes.length < mostBytes) resize(mostBytes);
    while (endPosition - startPosition + count > bytes.length) evict();
  };

  const resize = (size: number): void => {
    const larger = Buffer.allocUnsafeSlow(size);
    let at = 0;
    visit(startPosition, endPosition, (part) => {
      larger.set(part, at);
      at += part.length;
    });
    bytes = larger;
    writeIndex = at === size ? 0 : at;
  };

  // ---- Bytes

  const indexOf = (position: number): number => {
    const index = writeIndex - (endPosition - position);
    return index < 0 ? index + bytes.length : index;
  };
  const byteAt = (position: number): number => bytes[indexOf(position)] ?? 0;

  const visit: LogRing['visit'] = (from, to, see) => {
    if (from >= to) return;
    const index = indexOf(from);
    const untilWrap = Math.min(to - from, bytes.length - index);
    see(bytes.subarray(index, index + untilWrap));
    if (from + untilWrap < to) see(bytes.subarray(0, to - from - untilWrap));
  };

  const put = (chunk: Uint8Array): void => {
    const untilWrap = bytes.length - writeIndex;
    if (chunk.length < untilWrap) {
      bytes.set(chunk, writeIndex);
      writeIndex += chunk.length;
    } else {
      bytes.set(chunk.subarray(0, untilWrap), writeIndex);
      bytes.set(chunk.subarray(untilWrap), 0);
      writeIndex = chunk.length - untilWrap;
    }
    endPosition += chunk.length;
  };

  const record = (chunk: Uint8Array): void => {
    makeRoom(chunk.length);
    const last = endRecord - 1;
    const joins =
      !runHasEnded && last >= firstRecord && endPosition - startOf(last) + chunk.length <= mostInRecord;
    const mine = joins ? stampOf(last) : -1;
    const stamp = stamps.next(mine);
    if (stamp !== mine) addRecord(stamp, 0);
    put(chunk);
    endsOf[(endRecord - 1) & mask] = endPosition;
    runHasEnded = false;
  };

  /** `[from, to)`, which ends in or with the record before `untilRecord`. */
  const copyOut = (firstOne: number, untilRecord: number, from: number, to: number): LogSegment[] => {
    const all = Buffer.allocUnsafeSlow(to - from);
    let at = 0;
    visit(from, to, (part) => {
      all.set(part, at);
      at += part.length;
    });
    return Array.from({ length: untilRecord - firstOne }, (_, index) => {
      const each = firstOne + index;
      const isWhole = endOf(each) <= to;
      return {
        stamp: stampOf(each),
        flags: (flagsOf[each & mask] ?? 0) & (isWhole ? ~0 : ~ENDS_RUN),
        bytes: all.subarray(Math.max(0, startOf(each) - from), Math.min(endOf(each), to) - from),
      };
    });
  };

  const place = (cursor: LogCursor, atRecord: number, position: number): void => {
    const isAtStart = position === startOf(atRecord);
    if (isAtStart && atRecord > firstRecord && endsRun(atRecord - 1)) cursor.isMidLine = false;
    else if (position > startPosition) cursor.isMidLine = byteAt(position - 1) !== NEWLINE;
    cursor.record = atRecord;
    cursor.position = position;
  };

  return {
    name,
    get goneStamp() {
      return goneStamp;
    },
    get firstRecord() {
      return firstRecord;
    },
    get endRecord() {
      return endRecord;
    },
    get heldBytes() {
      return bytes.length + stampsOf.byteLength + endsOf.byteLength + flagsOf.byteLength;
    },

    append(chunk, added) {
      for (let at = 0; at < chunk.length; at += mostInRecord) {
        record(chunk.length <= mostInRecord ? chunk : chunk.subarray(at, at + mostInRecord));
        added?.();
      }
    },

    endRun() {
      if (runHasEnded) return;
      addRecord(stamps.next(-1), ENDS_RUN);
      runHasEnded = true;
    },

    limit(most) {
      mostBytes = most;
      mostInRecord = recordLimit(most);
      while (endPosition - startPosition > most) evict();
      if (bytes.length > most) resize(most);
      const mostRecords = Math.max(FIRST_RECORDS, 2 ** Math.ceil(Math.log2(most / BYTES_PER_RECORD)));
      while (endRecord - firstRecord > mostRecords) evict();
      if (mask + 1 > mostRecords) resizeRecords(mostRecords);
    },

    stampOf,
    startOf,
    flagsOf: (each) => flagsOf[each & mask] ?? 0,

    find(stamp) {
      let low = firstRecord;
      let high = endRecord;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (stampOf(middle) > stamp) high = middle;
        else low = middle + 1;
      }
      return low;
    },

    copy: (from, until) => copyOut(from, until, startOf(from), startOf(until)),
    visit,

    // What comes must not be added to a record that a cursor is past already: so each that moves one seals.
    follow() {
      const cursor: LogCursor = {
        record: endRecord,
        position: endPosition,
        isMidLine: false,
        isBroken: false,
        missedBytes: 0,
        missedLines: 0,
      };
      stamps.seal();
      place(cursor, endRecord, endPosition);
      cursors.add(cursor);
      return cursor;
    },
    unfollow: (cursor) => void cursors.delete(cursor),

    pull(cursor, most) {
      if (cursor.record === endRecord) return [];
      stamps.seal();
      const { record: from, position } = cursor;
      const to = Math.min(endPosition, position + most);
      let until = from + 1;
      while (until < endRecord && endOf(until - 1) < to) until += 1;
      // Records without bytes, ends of runs, come along.
      while (until < endRecord && endOf(until) === to) until += 1;
      const segments = copyOut(from, until, position, to);
      place(cursor, endOf(until - 1) <= to ? until : until - 1, to);
      return segments;
    },

    move(cursor, toRecord) {
      stamps.seal();
      place(cursor, toRecord, startOf(toRecord));
    },
  };
}

function recordLimit(ringBytes: number): number {
  return Math.min(RECORD_LIMIT_BYTES, ringBytes >> 2);
}
