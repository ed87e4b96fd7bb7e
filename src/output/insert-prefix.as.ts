/**
 * AssemblyScript: the inner loop of the output path, compiled to some 700 bytes of WebAssembly with SIMD.
 *
 * A line is copied 16 bytes at a time, whether or not a newline is among them. If there is none, that was 16 bytes of
 * the line; if there is, the copy went too far, and the next prefix is simply written over what is too much. So there
 * is no search before the copy and no loop over single bytes, and a line of 80 bytes takes five steps. In the same way
 * the prefix is copied in blocks of 16, its excess overwritten by the line.
 *
 * Reading and writing therefore go up to 15 bytes too far: all regions have to lie well within the memory.
 *
 * On the way it looks for bytes that must perhaps not be printed: controls other than TAB and newline by a minimum each for
 * those below and above these two; what begins a C1 control in UTF-8, and DEL, in a pass of its own where a maximum
 * says that not all is ASCII. For that time blanks stand behind the lines.
 */

const STEP: usize = 16;
const NEWLINE = i8x16.splat(0x0a);
const BLANK = i8x16.splat(0x20);
const TAB: u8 = 0x09;
const VT = i8x16.splat(0x0b);
const CONTROLS_FROM_VT: u8 = 0x15;
const DELETE: u8 = 0x7f;

/** The start of the first line that was not copied: `end`, unless `to` reached `limit`. */
export let stoppedAt: usize = 0;

/** Copies the lines of [from, end), each of which ends in a newline, to `to` and on, with the prefix before each. Returns the end of what was written, as a negative number if there was a suspect. */
export function insert(
  from: usize,
  end: usize,
  to: usize,
  limit: usize,
  prefix: usize,
  prefixLength: usize,
): isize {
  const start = from;
  const behind = v128.load(end);
  v128.store(end, BLANK);
  let least = BLANK;
  let leastFromVt = BLANK;
  let most = BLANK;
  while (from < end && to < limit) {
    for (let at: usize = 0; at < prefixLength; at += STEP) v128.store(to + at, v128.load(prefix + at));
    to += prefixLength;

    let newlines = 0;
    while (true) {
      const bytes = v128.load(from);
      v128.store(to, bytes);
      least = i8x16.min_u(least, bytes);
      leastFromVt = i8x16.min_u(leastFromVt, i8x16.sub(bytes, VT));
      most = i8x16.max_u(most, bytes);
      newlines = i8x16.bitmask(i8x16.eq(bytes, NEWLINE));
      if (newlines != 0) break;
      from += STEP;
      to += STEP;
    }
    const length = ctz(newlines) + 1;
    from += length;
    to += length;
  }
  const isSuspect =
    v128.any_true(i8x16.lt_u(least, i8x16.splat(TAB))) ||
    v128.any_true(i8x16.lt_u(leastFromVt, i8x16.splat(CONTROLS_FROM_VT))) ||
    (v128.any_true(i8x16.ge_u(most, i8x16.splat(DELETE))) && hasSuspects(start, from));
  v128.store(end, behind);
  stoppedAt = from;
  return isSuspect ? -(<isize>to) : <isize>to;
}

/** DEL, C0, C1, or a C2 that does not begin a character from A0 on. */
function hasSuspects(from: usize, end: usize): bool {
  let found = i8x16.splat(0);
  for (; from < end; from += STEP) {
    const bytes = v128.load(from);
    const next = v128.load(from, 1);
    const isShown = i8x16.lt_u(i8x16.sub(next, i8x16.splat(<i8>0xa0)), i8x16.splat(0x20));
    const isControl = v128.andnot(i8x16.eq(bytes, i8x16.splat(<i8>0xc2)), isShown);
    const isOverlong = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(<i8>0xc0)), i8x16.splat(2));
    const isDelete = i8x16.eq(bytes, i8x16.splat(DELETE));
    found = v128.or(found, v128.or(isControl, v128.or(isOverlong, isDelete)));
  }
  return v128.any_true(found);
}
