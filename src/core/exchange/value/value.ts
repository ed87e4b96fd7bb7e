/**
 * One value with its watchers, changed in place.
 *
 * * Each write counts the version up, also one that writes what is there. A value that was removed and made again has higher
 *   versions than before: `base` is the highest one that a removed value of any name had.
 * * A watcher says which version it knows, and is answered with a later one. So nothing is kept for it between its requests,
 *   and a slow one sees the latest value, with the number of those that it has skipped.
 * * Version 0: the value does not exist.
 */
import { areEqual, type JsonText } from './json.ts';

export interface KeptValue {
  readonly json: JsonText;
  readonly version: number;
}

export interface ValueChange {
  /** Undefined: it does not exist. */
  readonly json: JsonText | undefined;
  readonly version: number;
  /** So many states between the one that the watcher knows and this one. */
  readonly skipped: number;
}

export interface Watch {
  readonly id: number;
  /** The version that the watcher knows. Undefined: none, so it is answered at once. */
  readonly after?: number | undefined;
  /** It is answered only when the value equals this one, however shortly. */
  readonly until?: JsonText | undefined;
}

/** Watchers that are to be answered. */
export type Told = readonly (readonly [id: number, change: ValueChange])[];

export type Sum = { readonly sum: number } | { readonly why: 'not-a-number' | 'inexact' };

export interface Value {
  readonly current: KeptValue | undefined;
  readonly watchers: ReadonlyMap<number, Watch>;
  write(json: JsonText): Told;
  remove(): Told;
  /** Returns the answer if there is one at once. */
  watch(watch: Watch): ValueChange | undefined;
  leave(id: number): void;
}

export function createValue(base: number): Value {
  let current: KeptValue | undefined;
  /** The first version since it was made. */
  let born = 0;
  let last = base;
  const watchers = new Map<number, Watch>();

  const skippedSince = (after: number | undefined): number => {
    if (after === undefined || current === undefined) return 0;
    // One that knows an earlier life has skipped the removal, too.
    if (after < born) return current.version - born + (after === 0 ? 0 : 1);
    return current.version - after - 1;
  };

  const answer = ({ after, until }: Watch): ValueChange | undefined => {
    const version = current?.version ?? 0;
    const isDue =
      until === undefined
        ? version !== after
        : current !== undefined && areEqual(current.json, until) && version !== after;
    return isDue ? { json: current?.json, version, skipped: skippedSince(after) } : undefined;
  };

  const tell = (): Told => {
    const told: (readonly [number, ValueChange])[] = [];
    for (const [id, watch] of watchers) {
      const change = answer(watch);
      if (change === undefined) continue;
      watchers.delete(id);
      told.push([id, change]);
    }
    return told;
  };

  return {
    get current() {
      return current;
    },
    watchers,
    write(json) {
      last += 1;
      if (current === undefined) born = last;
      current = { json, version: last };
      return tell();
    },
    remove() {
      current = undefined;
      return tell();
    },
    watch(watch) {
      const change = answer(watch);
      if (change === undefined) watchers.set(watch.id, watch);
      return change;
    },
    leave: (id) => void watchers.delete(id),
  };
}

/** Exact, or refused: a double holds all integers up to 2^53 - 1. Fractions are rounded as doubles are. */
export function sumOf(current: JsonText | undefined, by: number): Sum {
  const value = current === undefined ? 0 : (JSON.parse(current) as unknown);
  if (typeof value !== 'number') return { why: 'not-a-number' };
  const sum = value + by;
  const isExact = [value, by, sum].every((one) => Math.abs(one) <= Number.MAX_SAFE_INTEGER);
  return isExact ? { sum } : { why: 'inexact' };
}
