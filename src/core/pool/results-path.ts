/** Where `--results` keeps the output of a job: as GNU parallel, in directories that are named after the values. */
import { bytesOfValue } from './quote-value.ts';

/**
 * Below the directory of all results: `1/a/2/b` for the values `a` and `b`. `perRecord`: so many values are numbered, then
 * they are counted from 1 again (`-N`). Names may have any bytes.
 */
export function resultsPath(values: readonly string[], perRecord: number): string {
  return values.flatMap((value, index) => [String((index % perRecord) + 1), nameOf(value)]).join('/');
}

/** Of a file name, on all usual file systems. */
const LONGEST_NAME_BYTES = 255;

/** Escapes of GNU parallel, and `\e` for an empty value and `\.` for a dot of `.` and `..`, which name other directories. */
function nameOf(value: string): string {
  if (value === '') return String.raw`\e`;
  if (value === '.' || value === '..') return value.replaceAll('.', String.raw`\.`);
  const name = value
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('/', String.raw`\_`);
  return bytesOfValue(name).length <= LONGEST_NAME_BYTES ? name : shortened(name);
}

/** Ends with a hash of the whole, so that long values with the same beginning are kept apart. */
function shortened(name: string): string {
  const hash = hashOf(name);
  const most = LONGEST_NAME_BYTES - hash.length - 1;
  let [start, bytes] = ['', 0];
  for (const character of name) {
    bytes += bytesOfValue(character).length;
    if (bytes > most) break;
    start += character;
  }
  return `${start}-${hash}`;
}

/** Two of FNV-1a with different starts: 16 digits. */
function hashOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(at), 0x5bd1e995);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
