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
 */
import { LINE_LIMIT_BYTES, READ_START } from './prefixer.ts';

const NEWLINE = 10;
/** What a prompt or the tail of a block needs; only a really long line needs LINE_LIMIT_BYTES. */
const SMALL_HOLD_BYTES = 4096;

/** `workspace[start, end)` ends in a newline: whole lines (`finished`), or one piece of a line that goes on. */
export type PrintLines = (start: number, end: number, finished: boolean) => void;

export interface LineFramer {
  /** An unfinished line is being held. */
  readonly holds: boolean;
  /** `byteCount` bytes have been read to `workspace[READ_START ...]`. */
  take(byteCount: number): void;
  /** The rest of the line does not come for now: prints what is held as an unfinished piece. */
  printPiece(): void;
  /** Nothing belongs to the open line any more: prints its last piece, with the newline it never had. */
  finishLine(): void;
}

export function createLineFramer(workspace: Buffer, print: PrintLines): LineFramer {
  let held: Buffer | undefined;
  let heldBytes = 0;
  /** A piece was printed of the line to which the next byte belongs. */
  let lineIsOpen = false;

  const hold = (start: number, end: number): void => {
    const size = heldBytes + end - start;
    if (held === undefined || size > held.length) {
      const larger = Buffer.allocUnsafeSlow(size <= SMALL_HOLD_BYTES ? SMALL_HOLD_BYTES : LINE_LIMIT_BYTES);
      held?.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    workspace.copy(held, heldBytes, start, end);
    heldBytes = size;
  };

  /** Copies what is held back to before the new bytes; returns where the block now starts. */
  const unhold = (): number => {
    const start = READ_START - heldBytes;
    if (heldBytes === 0) return start;
    held?.copy(workspace, start, 0, heldBytes);
    heldBytes = 0;
    if (held !== undefined && held.length > SMALL_HOLD_BYTES) held = undefined;
    return start;
  };

  /** Prints `workspace[start, end)` as one piece. The byte at `end` makes room for the newline and is put back. */
  const printPieceOf = (start: number, end: number, finished: boolean): void => {
    const next = workspace[end] ?? 0;
    workspace[end] = NEWLINE;
    print(start, end + 1, finished);
    workspace[end] = next;
    lineIsOpen = !finished;
  };

  /** Prints pieces until the line that ends at `lineEnd` is short enough; returns where the rest of it starts. */
  const shorten = (start: number, lineEnd: number): number => {
    let from = start;
    while (lineEnd - from > LINE_LIMIT_BYTES) {
      const cut = characterStart(workspace, from + LINE_LIMIT_BYTES);
      printPieceOf(from, cut, false);
      from = cut;
    }
    return from;
  };

  return {
    get holds() {
      return heldBytes > 0;
    },

    take(byteCount) {
      const end = READ_START + byteCount;
      const linesEnd = workspace.lastIndexOf(NEWLINE, end - 1) + 1;
      const noNewline = linesEnd <= READ_START;
      const tooLong = heldBytes + byteCount > LINE_LIMIT_BYTES;
      if (noNewline) {
        hold(tooLong ? shorten(unhold(), end) : READ_START, end);
        return;
      }
      let start = unhold();
      if (tooLong) start = shorten(start, workspace.indexOf(NEWLINE, READ_START));
      print(start, linesEnd, true);
      lineIsOpen = false;
      if (linesEnd < end) hold(linesEnd, end);
    },

    printPiece() {
      const start = unhold();
      const cut = wholeCharactersEnd(workspace, start, READ_START);
      if (cut > start) printPieceOf(start, cut, false);
      if (cut < READ_START) hold(cut, READ_START);
      else held = undefined;
    },

    finishLine() {
      if (heldBytes > 0 || lineIsOpen) printPieceOf(unhold(), READ_START, true);
      held = undefined;
    },
  };
}

/** The first byte of the UTF-8 character that `at` is within, or `at` where the bytes are no UTF-8. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > at - 3 && isContinuation(bytes[start])) start -= 1;
  return isContinuation(bytes[start]) ? at : start;
}

/** `end`, or the start of the UTF-8 character that begins before `end` and is not complete there. */
function wholeCharactersEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = end - 1; at >= Math.max(start, end - 3); at -= 1) {
    if (!isContinuation(bytes[at])) return at + characterBytes(bytes[at]) > end ? at : end;
  }
  return end;
}

function isContinuation(byte = 0): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

/** How many bytes a UTF-8 character has that starts with this one. */
function characterBytes(lead = 0): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
