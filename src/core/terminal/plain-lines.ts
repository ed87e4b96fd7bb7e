/**
 * Whole lines of bytes that a terminal shows as they are: printable characters and tabs. Nearly all output is that, and it
 * need not become text, tokens and cells on its way to the log (`log-lines.ts`).
 */

export interface PlainCopy {
  /** So many bytes are lines of this kind. */
  taken: number;
  /** Where the next byte is to be written: behind the newline of the last line that is not blank. */
  end: number;
  /** Blank lines that follow. They are not written. */
  blanks: number;
  /** What was not taken may be the beginning of one more. */
  isAll: boolean;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const BLANK = 0x20;
const DELETE = 0x7f;

/**
 * Copies the lines with which `bytes` begins to `target` at `at`, each with a newline alone at its end. It stops
 * before the first line that is unfinished, or has a control character, half a character or bytes that are none. `target`
 * has room for all of `bytes`. Fills `copy`.
 */
export function copyPlainLines(bytes: Uint8Array, target: Uint8Array, at: number, copy: PlainCopy): void {
  copy.taken = copy.blanks = 0;
  copy.isAll = false;
  copy.end = at;
  let lineStart = at;
  let to = at;
  for (let next = 0; next < bytes.length;) {
    const byte = bytes[next] ?? 0;
    if ((byte >= BLANK && byte < DELETE) || byte === TAB) {
      target[to] = byte;
      to += 1;
      next += 1;
    } else if (byte === NEWLINE) {
      next += 1;
      copy.taken = next;
      if (to === lineStart) {
        copy.blanks += 1;
        continue;
      }
      if (copy.blanks > 0) {
        // They come before this line after all.
        target.copyWithin(lineStart + copy.blanks, lineStart, to);
        target.fill(NEWLINE, lineStart, lineStart + copy.blanks);
        to += copy.blanks;
        copy.blanks = 0;
      }
      target[to] = NEWLINE;
      to += 1;
      lineStart = copy.end = to;
    } else if (byte === RETURN) {
      next += 1;
      // A terminal makes CR LF of a newline, and CR CR LF of CR LF.
      if (next < bytes.length && bytes[next] !== NEWLINE && bytes[next] !== RETURN) return;
    } else {
      const size = characterSize(bytes, next);
      if (size === 0) return;
      for (let part = 0; part < size; part += 1) target[to + part] = bytes[next + part] ?? 0;
      to += size;
      next += size;
    }
  }
  copy.isAll = true;
}

/** Of one that is not ASCII; 0: it is incomplete, invalid or a control character (C1). By table 3-7 of the Unicode Standard. */
function characterSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return isLater(second) && (first > 0xc2 || second >= 0xa0) ? 2 : 0;
  if (!isLater(second) || !isLater(bytes[at + 2] ?? 0)) return 0;
  if (first < 0xf0) return (first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f) ? 0 : 3;
  const isOutside = (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f);
  return isOutside || !isLater(bytes[at + 3] ?? 0) ? 0 : 4;
}

const isLater = (byte: number): boolean => (byte & 0xc0) === 0x80;
