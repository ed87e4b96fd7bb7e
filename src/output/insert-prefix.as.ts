/**
 * AssemblyScript: the inner loop of the output path, compiled to some 400 bytes of WebAssembly with SIMD.
 *
 * A line is copied 16 bytes at a time, whether or not a newline is among them. If there is none, that was 16 bytes of
 * the line; if there is, the copy went too far, and the next prefix is simply written over what is too much. So there
 * is no search before the copy and no loop over single bytes, and a line of 80 bytes takes five steps. In the same way
 * the prefix is copied in blocks of 16, its excess overwritten by the line.
 *
 * Reading and writing therefore go up to 15 bytes too far: all regions have to lie well within the memory.
 *
 * On the way it looks for bytes that must perhaps not be printed: controls other than TAB and newline, and what begins a
 * C1 control in UTF-8. What it finds may lie in the bytes that are too far.
 */

const STEP: usize = 16;
const NEWLINE = i8x16.splat(0x0a);
const TAB = i8x16.splat(0x09);
const SPACE = i8x16.splat(0x20);
const DELETE = i8x16.splat(0x7f);
/** C0 to C2. */
const LEADS_FROM = i8x16.splat(<i8>0xc0);
const LEADS = i8x16.splat(3);

/** The start of the first line that was not copied: `end`, unless `to` reached `limit`. */
export let stoppedAt: usize = 0;
/** There was such a byte. */
export let isSuspect: i32 = 0;

/** Copies the lines of [from, end), each of which ends in a newline, to `to` and on, with the prefix before each. Returns the end of what was written. */
export function insert(
  from: usize,
  end: usize,
  to: usize,
  limit: usize,
  prefix: usize,
  prefixLength: usize,
): usize {
  let suspects = i8x16.splat(0);
  while (from < end && to < limit) {
    for (let at: usize = 0; at < prefixLength; at += STEP) v128.store(to + at, v128.load(prefix + at));
    to += prefixLength;

    let newlines = 0;
    while (true) {
      const bytes = v128.load(from);
      v128.store(to, bytes);
      const isNewline = i8x16.eq(bytes, NEWLINE);
      const isControl = v128.andnot(i8x16.lt_u(bytes, SPACE), v128.or(isNewline, i8x16.eq(bytes, TAB)));
      const isLead = i8x16.lt_u(i8x16.sub(bytes, LEADS_FROM), LEADS);
      suspects = v128.or(suspects, v128.or(isControl, v128.or(isLead, i8x16.eq(bytes, DELETE))));
      newlines = i8x16.bitmask(isNewline);
      if (newlines != 0) break;
      from += STEP;
      to += STEP;
    }
    const length = ctz(newlines) + 1;
    from += length;
    to += length;
  }
  isSuspect = v128.any_true(suspects) ? 1 : 0;
  stoppedAt = from;
  return to;
}
