/**
 * A reading of procsup.yaml as text, and back. Places are written without their lines, which are in the file: one of a single long
 * line would be written a thousand times.
 */
import type { PlanReading } from '../core/plan/sources.ts';
import { hasErrors, type Place } from '../core/problem.ts';
import { textLines } from './line-places.ts';

/** What a reading was made from. */
export interface ReadingSource {
  /** By what: another build may read another meaning. */
  readonly build: string;
  /** The path as the user wrote it. */
  readonly file: string;
  readonly text: string;
}

/** Stands for what JSON has no word for: a place, or undefined. */
const MARK = '$';

/** Undefined: it has errors, or something that is no plain value, such as the code for sockets. */
export function textOfReading(
  reading: PlanReading,
  { build, file, text }: ReadingSource,
): string | undefined {
  if (hasErrors(reading.problems)) return undefined;
  const written = encode(reading, file, textLines(text));
  return written === NOT_PLAIN ? undefined : JSON.stringify({ build, file, text, reading: written });
}

/** Undefined: it was made from something else. */
export function readingFromText(kept: string, { build, file, text }: ReadingSource): PlanReading | undefined {
  const value = JSON.parse(kept) as ReadingSource & { readonly reading: PlanReading };
  if (value.build !== build || value.file !== file || value.text !== text) return undefined;
  return decode(value.reading, file, textLines(text)) as PlanReading;
}

const NOT_PLAIN = Symbol('not a plain value');

function encode(value: unknown, file: string, lines: readonly string[]): unknown {
  if (value === undefined) return { [MARK]: 0 };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : NOT_PLAIN;
  if (Array.isArray(value)) {
    const items = value.map((one) => encode(one, file, lines));
    return items.includes(NOT_PLAIN) ? NOT_PLAIN : items;
  }
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return NOT_PLAIN;
  if (isPlace(value, file, lines)) return { [MARK]: [value.line, value.column, value.length] };
  const entries = Object.entries(value).map(([key, one]) => [key, encode(one, file, lines)] as const);
  return entries.some(([key, one]) => key === MARK || key === '__proto__' || one === NOT_PLAIN)
    ? NOT_PLAIN
    : Object.fromEntries(entries);
}

function isPlace(value: object, file: string, lines: readonly string[]): value is Place {
  const { file: ofFile, line = 0, text } = value as Partial<Place>;
  return ofFile === file && text !== undefined && lines[line - 1] === text && Object.keys(value).length === 5;
}

/** In place: it was parsed for us. */
function decode(value: unknown, file: string, lines: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const map = value as Record<string, unknown>;
  const marked = map[MARK] as 0 | readonly [line: number, column: number, length: number] | undefined;
  if (marked === 0) return undefined;
  if (marked !== undefined) {
    const [line, column, length] = marked;
    return { file, line, column, length, text: lines[line - 1] ?? '' };
  }
  for (const key of Object.keys(map)) map[key] = decode(map[key], file, lines);
  return value;
}
