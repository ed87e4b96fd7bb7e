/** Reads the values of one map of procsup.yaml. What has the wrong type is skipped: the schema has told it. */
import type { Place, Problem } from '../../core/problem.ts';
import { parseDuration } from '../../text/duration.ts';
import { wordProblem } from '../shape.ts';
import type { PlaceOf, Stretch, ValuePath } from '../yaml/value-path.ts';

export type YamlMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface EntryContext {
  readonly path: ValuePath;
  readonly placeOf: PlaceOf;
  /** What is wrong is added. */
  readonly problems: Problem[];
}

/** Each method returns undefined for what is missing, and for what is wrong, of which it adds a problem. */
export interface EntryReader {
  readonly map: YamlMap;
  readonly path: ValuePath;
  readonly placeOf: PlaceOf;
  readonly problems: Problem[];
  /** A string that is not blank. */
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** In milliseconds. A plain number means seconds. */
  duration(key: string): number | undefined;
  integer(key: string, least: number, most: number): number | undefined;
  /** One of the words, or what another tool calls it. */
  word<Word extends string>(
    key: string,
    words: readonly Word[],
    others?: Readonly<Record<string, Word>>,
  ): Word | undefined;
  /** The value as a list: of one that is no list, of that alone. With the path of each item. */
  list(key: string): readonly (readonly [item: unknown, path: ValuePath])[];
  /** Of a map below this one. */
  below(key: string): EntryReader | undefined;
  placeOfKey(key: string): Place;
  /** `remedy` is an imperative. `part`: as for `placeOf`. */
  wrong(path: ValuePath, message: string, remedy: string, part?: 'value' | 'key' | Stretch): void;
}

export function createEntryReader(
  map: YamlMap,
  path: ValuePath,
  placeOf: PlaceOf,
  problems: Problem[],
): EntryReader {
  const pathTo = (key: string): ValuePath => [...path, key];

  const wrong: EntryReader['wrong'] = (at, message, remedy, part) =>
    void problems.push({
      code: 'app-file-value',
      severity: 'error',
      message,
      place: placeOf(at, part),
      remedy,
    });

  return {
    ...{ map, path, placeOf, problems, wrong },

    placeOfKey: (key) => placeOf(pathTo(key), 'key'),

    text(key) {
      const value = map[key];
      if (typeof value !== 'string') return undefined;
      if (value.trim() !== '' && !value.includes('\0')) return value.trim();
      if (value.includes('\0'))
        wrong(pathTo(key), `the value of '${key}' contains a NUL byte`, 'remove the byte');
      else wrong(pathTo(key), `empty value for '${key}'`, 'set a value, or remove the key');
      return undefined;
    },

    flag(key) {
      const value = map[key];
      return typeof value === 'boolean' ? value : undefined;
    },

    duration(key) {
      const value = map[key];
      if (typeof value !== 'string' && typeof value !== 'number') return undefined;
      const ms = parseDuration(String(value));
      if (ms === undefined) problems.push(durationProblem(value, placeOf(pathTo(key))));
      return ms;
    },

    integer(key, least, most) {
      const value = map[key];
      if (typeof value !== 'number') return undefined;
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      const range = `use an integer from ${String(least)} to ${String(most)}`;
      wrong(pathTo(key), `invalid value ${String(value)} for '${key}'`, range);
      return undefined;
    },

    word(key, words, others = {}) {
      const value = map[key];
      if (typeof value !== 'string') return undefined;
      const found =
        words.find((word) => word === value) ?? (Object.hasOwn(others, value) ? others[value] : undefined);
      if (found === undefined) problems.push(wordProblem(key, value, words, placeOf(pathTo(key))));
      return found;
    },

    list(key) {
      const value = map[key];
      if (value === undefined || value === null) return [];
      return Array.isArray(value)
        ? value.map((item: unknown, at) => [item, [...path, key, at]] as const)
        : [[value, pathTo(key)]];
    },

    below(key) {
      const value = map[key];
      return isMap(value) ? createEntryReader(value, pathTo(key), placeOf, problems) : undefined;
    },
  };
}

/** Where each key was said; undefined: there is none. */
export function placesIn(reader: EntryReader): Readonly<Record<string, Place>> | undefined {
  const keys = Object.keys(reader.map).filter((key) => !key.startsWith('x-'));
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, reader.placeOfKey(key)]));
}

export function durationProblem(value: unknown, place: Place): Problem {
  const found = typeof value === 'string' || typeof value === 'number' ? ` '${String(value)}'` : '';
  return {
    code: 'app-file-duration',
    severity: 'error',
    message: `invalid duration${found}`,
    place,
    remedy: 'use for example 500ms, 10s or 1m30s, at most 24 days; 0 means no waiting',
  };
}

/** Without the keys that are undefined: what was not said is not in a plan. */
export function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

/** A scalar as it stands in the file: YAML reads `1.10` as 1.1. */
export function sourceOf(value: string | number | boolean, place: Place): string {
  if (typeof value === 'string') return value;
  const source = place.text.slice(place.column - 1, place.column - 1 + place.length);
  return typeof value === 'number' && Number(source) === value ? source : String(value);
}
