/**
 * One process's lines for a reader: from its files what its ring does not have, from its ring the rest. The two are
 * joined by stamps alone, and asked anew for each piece, so a ring may go on forgetting while it is read.
 */
import type { LogArchive } from './archive.ts';
import { createLogLines, type LogLine } from './lines.ts';
import type { LogEntry } from './query.ts';
import type { LogRing } from './ring.ts';
import { AFTER_GAP, type LogSegment } from './segment.ts';
import { LINE_COST_BYTES, type LineSource } from './merge.ts';

export interface RecordedOptions {
  readonly name: string;
  readonly ring: LogRing | undefined;
  readonly archive: LogArchive | undefined;
  /** Nothing beyond this stamp. */
  readonly until: number;
  /** What waits to be written is needed in the files. */
  readonly flush: () => void;
}

/** The records of one process up to a moment, in both directions. */
export interface Recorded {
  readonly name: string;
  after(stamp: number, mostBytes: number): readonly LogSegment[];
  before(stamp: number, mostBytes: number): readonly LogSegment[];
}

export function createRecorded({ name, ring, archive, until, flush }: RecordedOptions): Recorded {
  const goneStamp = (): number => Math.min(until, ring?.goneStamp ?? until);

  const ringAfter = (stamp: number, mostBytes: number): readonly LogSegment[] => {
    if (ring === undefined) return [];
    const first = ring.find(stamp);
    const most = ring.startOf(first) + mostBytes;
    let end = first;
    while (
      end < ring.endRecord &&
      ring.stampOf(end) <= until &&
      (end === first || ring.startOf(end + 1) <= most)
    ) {
      end += 1;
    }
    return end > first ? ring.copy(first, end) : [];
  };

  const ringBefore = (stamp: number, mostBytes: number): readonly LogSegment[] => {
    if (ring === undefined) return [];
    const end = ring.find(stamp - 1);
    const least = ring.startOf(end) - mostBytes;
    let first = end;
    while (first > ring.firstRecord && (first === end || ring.startOf(first - 1) >= least)) first -= 1;
    return first < end ? ring.copy(first, end) : [];
  };

  return {
    name,

    after(stamp, mostBytes) {
      if (archive === undefined || stamp >= goneStamp()) return ringAfter(stamp, mostBytes);
      flush();
      const gone = goneStamp();
      const written = archive.after(name, stamp, gone, mostBytes);
      if (written.length > 0) return written;
      const [first, ...rest] = ringAfter(gone, mostBytes);
      // What came last out of the files is not what the ring forgot last.
      return first === undefined ? [] : [{ ...first, flags: first.flags | AFTER_GAP }, ...rest];
    },

    before(stamp, mostBytes) {
      const found = ringBefore(Math.min(stamp, until + 1), mostBytes);
      if (found.length > 0 || archive === undefined) return found;
      flush();
      return archive.before(name, Math.min(stamp, goneStamp() + 1), mostBytes);
    },
  };
}

/** Which lines are wanted: those that began at this stamp or later, and at this time or later. */
export interface Since {
  readonly stamp: number;
  readonly wallMs: number;
}

/**
 * Reads on from `start`, the stamp after which there is something wanted. First in small pieces: who reads nothing of
 * them shall not hold much.
 */
export function createRecordedLines(
  recorded: Recorded,
  start: number,
  since: Since,
  mostPieceBytes: number,
): LineSource {
  const lines = createLogLines();
  let pieceBytes = Math.min(FIRST_PIECE_BYTES, mostPieceBytes);
  let stamp = start;
  let isDone = false;

  const source: LineSource = {
    entry: undefined,
    step() {
      if (isDone) return 0;
      let line = lines.next();
      let cost = LINE_COST_BYTES;
      if (line === undefined) {
        const segments = recorded.after(stamp, pieceBytes);
        pieceBytes = Math.min(pieceBytes * 2, mostPieceBytes);
        stamp = segments.at(-1)?.stamp ?? stamp;
        lines.feed(segments);
        for (const { bytes } of segments) cost += bytes.length + RECORD_COST_BYTES;
        if (segments.length > 0) return cost;
        isDone = true;
        line = lines.finish();
      }
      if (line !== undefined && line.stamp >= since.stamp && line.wallMs >= since.wallMs) {
        source.entry = entryOf(recorded.name, line);
      }
      return cost;
    },
  };
  return source;
}

export function entryOf(name: string, { stamp, wallMs, text, isFinished, isLate }: LogLine): LogEntry {
  const entry = { name, wallMs, text, stamp };
  return isFinished ? entry : { ...entry, unfinished: isLate ? 'late' : 'long' };
}

/**
 * Where to begin so that of a line that began before `stamp` all that is read comes with a smaller stamp: with the record
 * before.
 */
export function startFor(recorded: Recorded, stamp: number): number {
  return (recorded.before(stamp, 1).at(-1)?.stamp ?? 0) - 1;
}

const FIRST_PIECE_BYTES = 16 * 1024;
/** Looking at a record takes as long as reading so many bytes. */
export const RECORD_COST_BYTES = 16;
