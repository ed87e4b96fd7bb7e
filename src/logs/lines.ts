/**
 * Recorded bytes put together to lines, one at a time as they are asked for, so that a piece of bare newlines does not
 * become a hundred thousand objects at once.
 */
import { AFTER_GAP, ENDS_RUN, type LogSegment } from './segment.ts';
import { lagOf } from './segment.ts';
import { wholeEnd } from '../output/whole-end.ts';
import { wallMsOf } from './stamp.ts';

/** A longer line comes in pieces. */
export const LOG_LINE_LIMIT_BYTES = 64 * 1024;
const NEWLINE = 10;
/** So that the rest of a line is one even where nothing is left but its end. */
const LOST_BEGINNING = Buffer.from('?');

export interface LogLine {
  /** Of the stretch in which it began. */
  readonly stamp: number;
  /** When that was recorded, as Unix time in milliseconds. */
  readonly wallMs: number;
  /** Without its newline; lies in what was fed, or is a copy. */
  readonly text: Buffer;
  /** False for a piece that is not its line's last. */
  readonly isFinished: boolean;
  /** It is a piece only because the rest of the line has not come for a while. */
  readonly isLate: boolean;
}

export interface LogLines {
  /** Bytes of a line whose end is not known yet. */
  readonly heldBytes: number;
  /** How many times such a line, or the rest of one, began: while it stays the same, so does the open line. */
  readonly begun: number;
  /** What comes next. Only when `next` has returned undefined. */
  feed(segments: readonly LogSegment[]): void;
  /** The next line whose end is known, or a piece of a long one. */
  next(): LogLine | undefined;
  /** A piece of the open line; undefined where it has no whole character or is within a control sequence. */
  takeLate(): LogLine | undefined;
  /** Nothing more belongs to the open line: what there is of it. */
  finish(): LogLine | undefined;
  /**
   * What followed the open line's beginning will never be known: forgets it. With `isMidLine` what is fed next is the rest
   * of some line, and comes as one.
   */
  drop(isMidLine: boolean): void;
}

type Recorded = Pick<LogSegment, 'stamp' | 'flags'>;

const NOWHERE: Recorded = { stamp: 0, flags: 0 };

const lineOf = (
  { stamp, flags }: Recorded,
  text: Buffer,
  { isFinished = true, isLate = false } = {},
): LogLine => ({
  stamp,
  wallMs: wallMsOf(stamp, lagOf(flags)),
  text,
  isFinished,
  isLate,
});

export function createLogLines(): LogLines {
  let segments: readonly LogSegment[] = [];
  let index = 0;
  let at = 0;
  let gapIsSeen = false;
  let held = Buffer.alloc(0);
  let heldBytes = 0;
  let begun = 0;
  /** Of the first of what is held. */
  let heldOf: Recorded = NOWHERE;

  const hold = (bytes: Buffer, of: Recorded): void => {
    if (heldBytes === 0) {
      heldOf = of;
      begun += 1;
    }
    const size = heldBytes + bytes.length;
    if (size > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(LOG_LINE_LIMIT_BYTES, Math.max(256, size * 2)));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    bytes.copy(held, heldBytes);
    heldBytes = size;
  };

  const takeHeld = (byteCount: number, how?: Parameters<typeof lineOf>[2]): LogLine => {
    const text = Buffer.from(held.subarray(0, byteCount));
    held.copyWithin(0, byteCount, heldBytes);
    heldBytes -= byteCount;
    begun += 1;
    return lineOf(heldOf, text, how);
  };

  const finish = (): LogLine | undefined => (heldBytes > 0 ? takeHeld(heldBytes) : undefined);

  /** The line is too long with what `[at, end)` adds: its first piece, cut between characters. */
  const cutPiece = (segment: LogSegment): LogLine => {
    const { bytes, stamp, flags } = segment;
    const most = at + LOG_LINE_LIMIT_BYTES - heldBytes;
    hold(bytes.subarray(at, most), { stamp, flags });
    at = most;
    let cut = heldBytes;
    if (isContinuation(bytes[at])) {
      while (cut > heldBytes - 3 && isContinuation(held[cut - 1])) cut -= 1;
      cut -= 1;
      if ((held[cut] ?? 0) < 0xc0) cut = heldBytes;
    }
    const piece = takeHeld(cut, { isFinished: false });
    heldOf = { stamp, flags };
    return piece;
  };

  /** The next line of this segment; undefined when it is read to its end. */
  const nextIn = (segment: LogSegment): LogLine | undefined => {
    const { bytes, stamp, flags } = segment;
    if (at >= bytes.length) return undefined;
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (heldBytes + end - at > LOG_LINE_LIMIT_BYTES) return cutPiece(segment);
    const from = at;
    at = end + 1;
    if (newline >= 0 && heldBytes === 0) {
      return lineOf(segment, bytes.subarray(from, end));
    }
    hold(bytes.subarray(from, end), { stamp, flags });
    return newline >= 0 ? takeHeld(heldBytes) : undefined;
  };

  return {
    get heldBytes() {
      return heldBytes;
    },
    get begun() {
      return begun;
    },

    feed(next) {
      segments = next;
      index = 0;
    },

    next() {
      for (let segment = segments[index]; segment !== undefined; segment = segments[index]) {
        if (!gapIsSeen) {
          gapIsSeen = true;
          const cutOff = (segment.flags & AFTER_GAP) === 0 ? undefined : finish();
          if (cutOff !== undefined) return cutOff;
        }
        const line = nextIn(segment);
        if (line !== undefined) return line;
        index += 1;
        at = 0;
        gapIsSeen = false;
        const last = (segment.flags & ENDS_RUN) === 0 ? undefined : finish();
        if (last !== undefined) return last;
      }
      segments = [];
      index = 0;
      return undefined;
    },

    takeLate() {
      const cut = wholeEnd(held, 0, heldBytes);
      return cut > 0 ? takeHeld(cut, { isFinished: false, isLate: true }) : undefined;
    },

    finish,
    drop(isMidLine) {
      heldBytes = 0;
      if (isMidLine) hold(LOST_BEGINNING, NOWHERE);
    },
  };
}

function isContinuation(byte = 0): boolean {
  return byte >= 0x80 && byte < 0xc0;
}
