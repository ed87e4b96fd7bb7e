/** Where a line can be cut so that neither a character nor a control sequence is cut with it. */

const ESC = 0x1b;
const [BRACKET, BEL, CAN, SUB] = [0x5b, 0x07, 0x18, 0x1a];
/** DCS, SOS, OSC, PM and APC, which have text behind them, by their second character. */
const STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);
/** A sequence that is longer is no reason to wait for its end. */
const MOST_SEQUENCE_BYTES = 4096;

/** `end`, or the start of what begins before `end` and is not complete there. */
export function wholeEnd(bytes: Buffer, start: number, end: number): number {
  const escape = bytes.lastIndexOf(ESC, end - 1);
  const isNear = escape >= start && escape >= end - MOST_SEQUENCE_BYTES;
  if (isNear && !isComplete(bytes, escape, end)) return escape;
  return wholeCharactersEnd(bytes, start, end);
}

/** The first byte of the UTF-8 character that `at` is within, or `at` where the bytes are no UTF-8. */
export function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > at - 3 && isContinuation(bytes[start])) start -= 1;
  return isContinuation(bytes[start]) ? at : start;
}

/** The sequence that begins with the ESC at `escape`, the last one before `end`. */
function isComplete(bytes: Buffer, escape: number, end: number): boolean {
  const kind = bytes[escape + 1] ?? 0;
  if (escape + 1 >= end) return false;
  if (STRINGS.has(kind)) {
    const text = bytes.subarray(escape + 2, end);
    return text.includes(BEL) || text.includes(CAN) || text.includes(SUB);
  }
  let last = kind === BRACKET ? escape + 2 : escape + 1;
  const highest = kind === BRACKET ? 0x3f : 0x2f;
  while (last < end && isWithin(bytes[last], 0x20, highest)) last += 1;
  return last < end;
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

function isWithin(byte = 0, lowest: number, highest: number): boolean {
  return byte >= lowest && byte <= highest;
}

/** How many bytes a UTF-8 character has that starts with this one. */
function characterBytes(lead = 0): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
