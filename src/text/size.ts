/** In the order in which `formatSize` prefers them where two are equally short. */
const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
  ['B', 1],
];

const UNIT_BYTES: ReadonlyMap<string, number> = new Map(
  UNITS.map(([name, bytes]) => [name.toLowerCase(), bytes]),
);
const SIZE = /^(\d+(?:\.\d+)?|\.\d+)([KMGT]i?B|B)?$/i;

/**
 * Reads `512MB` (powers of 1000), `1GiB`, `64KiB` (powers of 1024), `100B`, or a bare number of bytes; decimals are
 * allowed, and capitals do not matter. Returns whole bytes, or undefined for what is no size or is not exact in a number.
 */
export function parseSize(text: string): number | undefined {
  if (text.length === 0 || text.length > 64) return undefined;
  const [, amount, unit = 'B'] = SIZE.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const bytes = Math.round(Number(amount) * (UNIT_BYTES.get(unit.toLowerCase()) ?? NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest text that `parseSize` reads back exactly: `512MB`, `1GiB`, `1.5MiB`, `1001B`. Takes whole bytes. */
export function formatSize(bytes: number): string {
  let shortest = `${bytes}B`;
  for (const [name, unitBytes] of UNITS) {
    const text = `${bytes / unitBytes}${name}`;
    if (bytes >= unitBytes && text.length < shortest.length && parseSize(text) === bytes) shortest = text;
  }
  return shortest;
}
