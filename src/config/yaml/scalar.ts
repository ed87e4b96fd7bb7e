/**
 * The offset of a unit of a scalar's value in its source, including quotes: `"a\tb"` has its `b` at 4. Undefined for
 * values of several lines and blocks (`|`, `>`), which are folded and indented.
 */
export function offsetInScalar(source: string, at: number): number | undefined {
  if (/^[|>]|[\r\n]/.test(source)) return undefined;
  const pieces = PIECES[source[0] ?? ''];
  if (pieces === undefined) return at;
  let offset = 1;
  let units = 0;
  for (const [piece] of source.slice(1).matchAll(pieces)) {
    units += unitsOf(piece);
    if (units > at) return offset;
    offset += piece.length;
  }
  return offset;
}

const PIECES: Readonly<Record<string, RegExp>> = {
  "'": /''|[^]/g,
  '"': /\\x[^]{2}|\\u[^]{4}|\\U[^]{8}|\\[^]|[^]/g,
};

const unitsOf = (piece: string): number =>
  piece.startsWith('\\U') && Number.parseInt(piece.slice(2), 16) > 0xff_ff ? 2 : 1;
