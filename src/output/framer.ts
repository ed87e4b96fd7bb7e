/**
 * One source's bytes, as they are read, framed into blocks of whole lines.
 *
 * Bytes arrive in the shared workspace at READ_START. What follows the last newline of a read is held: copied to this
 * source's own buffer, as all sources share the workspace. When the rest of the line arrives, the held bytes are
 * copied back to just before it, so that a block always lies in one stretch and no line is ever handled by itself.
 *
 *     workspace:  [ ........ held | read ... \n ... \n unfinished ]
 *                             ^ READ_START         ^ held from here on
 *
 * A line longer than LINE_LIMIT_BYTES is printed in pieces, each but the last marked as unfinished; so is a line
 * whose rest does not come. Every unfinished piece is followed by a finished one, at the latest when the source ends.
 * All sources share the room for what is held of long lines: where it is used up, lines are cut above LONG_BYTES.
 */
import { LINE_LIMIT_BYTES, READ_START } from './prefixer.ts';
import { characterStart, wholeEnd } from './whole-end.ts';

const [NEWLINE, CR] = [0x0a, 0x0d];
/** What a prompt or the tail of a block needs. A bar that is drawn again and again is not held beyond it either. */
const SMALL_HOLD_BYTES = 4096;
/** More than this is nothing that somebody waits to read before its end. */
const LONG_BYTES = 64 * 1024;

/** What ends a block: newlines; nothing, for the line is too `long`; nothing, for its rest is `late`. */
export type BlockEnd = 'newline' | 'long' | 'late';

/** `workspace[start, end)` ends in a newline: whole lines, or one piece of a line that goes on. */
export type PrintLines = (start: number, end: number, how: BlockEnd) => void;

/** Room for long unfinished lines. */
export interface HoldRoom {
  freeBytes: number;
}

export interface FramerOptions {
  readonly room: HoldRoom;
  /** Of what carriage returns overwrite only the last state is printed. */
  readonly redraws: boolean;
}

export interface LineFramer {
  /** An unfinished line is being held. */
  readonly holds: boolean;
  /** It is longer than LONG_BYTES. */
  readonly holdsMuch: boolean;
  /** How many blocks were printed: while it stays the same, so does the held line. */
  readonly printed: number;
  /** `byteCount` bytes have been read to `workspace[READ_START ...]`. */
  take(byteCount: number): void;
  /** The rest of the line does not come for now: prints what is held as an unfinished piece. */
  printPiece(): void;
  /** Nothing belongs to the open line any more: prints its last piece, with the newline it never had. */
  finishLine(): void;
}

export function createLineFramer(
  workspace: Buffer,
  printBlock: PrintLines,
  { room, redraws }: FramerOptions,
): LineFramer {
  let held: Buffer | undefined;
  let heldBytes = 0;
  let printed = 0;
  /** A piece was printed of the line to which the next byte belongs. */
  let lineIsOpen = false;

  const print: PrintLines = (start, end, how) => {
    printed += 1;
    printBlock(start, end, how);
  };

  const longBytesOf = (capacity = 0): number => (capacity > LONG_BYTES ? capacity : 0);

  const release = (): void => {
    room.freeBytes += longBytesOf(held?.length);
    held = undefined;
  };

  const mayHold = (size: number): boolean =>
    size <= LONG_BYTES || longBytesOf(capacityFor(size)) - longBytesOf(held?.length) <= room.freeBytes;

  const hold = (from: number, end: number): void => {
    const start = redraws ? passOverDrawn(from, end) : from;
    const size = heldBytes + end - start;
    if (held === undefined || size > held.length) {
      const larger = Buffer.allocUnsafeSlow(capacityFor(size));
      held?.copy(larger, 0, 0, heldBytes);
      release();
      room.freeBytes -= longBytesOf(larger.length);
      held = larger;
    }
    workspace.copy(held, heldBytes, start, end);
    heldBytes = size;
  };

  /** Lets go of all before the last carriage return, unless it is little. Returns where what is left begins. */
  const passOverDrawn = (start: number, end: number): number => {
    if (heldBytes + end - start <= SMALL_HOLD_BYTES) return start;
    let stateEnd = end;
    while (stateEnd > start && workspace[stateEnd - 1] === CR) stateEnd -= 1;
    const last = workspace.lastIndexOf(CR, stateEnd - 1);
    if (stateEnd === start || last < start) return start;
    heldBytes = 0;
    return last;
  };

  /** Copies what is held back to before the new bytes; returns where the block now starts. */
  const unhold = (): number => {
    const start = READ_START - heldBytes;
    if (heldBytes === 0) return start;
    held?.copy(workspace, start, 0, heldBytes);
    heldBytes = 0;
    if (held !== undefined && held.length > SMALL_HOLD_BYTES) release();
    return start;
  };

  /** Prints `workspace[start, end)` as one piece. The byte at `end` makes room for the newline and is put back. */
  const printPieceOf = (start: number, end: number, how: BlockEnd): void => {
    const next = workspace[end] ?? 0;
    workspace[end] = NEWLINE;
    print(start, end + 1, how);
    workspace[end] = next;
    lineIsOpen = how !== 'newline';
  };

  /** Prints pieces until the line that ends at `lineEnd` is short enough; returns where the rest of it starts. */
  const shorten = (start: number, lineEnd: number, limit: number): number => {
    let from = start;
    while (lineEnd - from > limit) {
      const most = characterStart(workspace, from + limit);
      const whole = wholeEnd(workspace, from, most);
      const cut = whole > from ? whole : most;
      printPieceOf(from, cut, 'long');
      from = cut;
    }
    return from;
  };

  return {
    get holds() {
      return heldBytes > 0;
    },
    get holdsMuch() {
      return heldBytes > LONG_BYTES;
    },
    get printed() {
      return printed;
    },

    take(byteCount) {
      const end = READ_START + byteCount;
      // Or the search would go on to the beginning of the workspace, a megabyte before, where nothing is held now.
      workspace[READ_START - 1] = NEWLINE;
      const linesEnd = workspace.lastIndexOf(NEWLINE, end - 1) + 1;
      const size = heldBytes + byteCount;
      if (linesEnd <= READ_START) {
        const limit = mayHold(size) ? LINE_LIMIT_BYTES : LONG_BYTES;
        hold(size > limit ? shorten(unhold(), end, limit) : READ_START, end);
        return;
      }
      let start = unhold();
      if (size > LINE_LIMIT_BYTES) {
        start = shorten(start, workspace.indexOf(NEWLINE, READ_START), LINE_LIMIT_BYTES);
      }
      print(start, linesEnd, 'newline');
      lineIsOpen = false;
      if (linesEnd < end) hold(linesEnd, end);
    },

    printPiece() {
      const start = unhold();
      const cut = wholeEnd(workspace, start, READ_START);
      if (cut > start) printPieceOf(start, cut, 'late');
      if (cut < READ_START) hold(cut, READ_START);
      else release();
    },

    finishLine() {
      if (heldBytes > 0 || lineIsOpen) printPieceOf(unhold(), READ_START, 'newline');
      release();
    },
  };
}

function capacityFor(size: number): number {
  let capacity = SMALL_HOLD_BYTES;
  while (capacity < size) capacity *= 2;
  return capacity;
}
