/** The values of a supervisor, with what waits for their changes. `core/exchange/value` decides. */
import { refused, type Refused } from '../../core/exchange/refusal.ts';
import { areEqual, jsonText, type JsonText } from '../../core/exchange/value/json.ts';
import {
  createValue,
  sumOf,
  type Told,
  type Value,
  type ValueChange,
} from '../../core/exchange/value/value.ts';
import type { Clock } from '../../ports/clock.ts';
import { suggest } from '../../text/suggest.ts';
import {
  createWaits,
  leftBecause,
  MOST_NAMES,
  MOST_WAITING,
  SUPERVISOR_ENDS,
  tooMany,
  type Asking,
} from './waits.ts';
import type { Holder } from './holder.ts';

export interface ValueRecord {
  readonly name: string;
  readonly version: number;
  /** Length of its JSON. */
  readonly size: number;
  /** Missing where it is large. */
  readonly value?: unknown;
  readonly watchers: number;
}

export interface Written {
  readonly done: boolean;
  /** 0: it does not exist. */
  readonly version: number;
  /** What is there, where it was not done. */
  readonly value?: unknown;
}

export interface Changed {
  readonly version: number;
  /** Missing: it does not exist. */
  readonly value?: unknown;
  readonly skipped: number;
}

export interface Values {
  get(name: string): { readonly value: unknown; readonly version: number } | Refused;
  /** `ifMissing`: only if it does not exist. */
  set(name: string, value: unknown, ifMissing: boolean): Written | Refused;
  /** One that does not exist is 0. */
  increment(name: string, by: number): { readonly value: number; readonly version: number } | Refused;
  compareAndSet(name: string, expected: unknown, value: unknown): Written | Refused;
  remove(name: string): Refused | undefined;
  watch(
    name: string,
    from: { readonly after?: number | undefined; readonly until?: unknown },
    asking: Asking,
  ): Promise<Changed | Refused>;
  list(): readonly ValueRecord[];
  cancel(token: number, holder: Holder): void;
  close(): void;
}

/** As JSON. */
const MOST_CHARACTERS = 256 * 1024;
const MOST_CHARACTERS_IN_ALL = 32 * 1024 * 1024;

export function createValues(clock: Pick<Clock, 'wallNow' | 'after'>): Values {
  const values = new Map<string, Value>();
  const waits = createWaits<Changed | Refused>(clock);
  let base = 0;
  let characters = 0;

  const lengthOf = (name: string): number => values.get(name)?.current?.json.length ?? 0;

  const open = (name: string): Value => {
    const known = values.get(name);
    if (known !== undefined) return known;
    const made = createValue(base);
    values.set(name, made);
    return made;
  };

  const forget = (name: string): void => {
    const one = values.get(name);
    if (one?.current === undefined && one?.watchers.size === 0) values.delete(name);
  };

  const tell = (told: Told): void => {
    for (const [id, change] of told) waits.settle(id, publicChange(change));
  };

  /** Returns its version. */
  const write = (name: string, json: JsonText): number | Refused => {
    if (json.length > MOST_CHARACTERS) return TOO_LARGE;
    const all = characters - lengthOf(name) + json.length;
    if (all > MOST_CHARACTERS_IN_ALL) return FULL;
    if (!values.has(name) && values.size >= MOST_NAMES) return tooMany('value', 'values', MOST_NAMES);
    characters = all;
    const one = open(name);
    const told = one.write(json);
    const version = one.current?.version ?? 0;
    tell(told);
    return version;
  };

  const asWritten = (name: string, json: JsonText): Written | Refused => {
    const version = write(name, json);
    return typeof version === 'number' ? { done: true, version } : version;
  };

  const notDone = (name: string): Written => {
    const current = values.get(name)?.current;
    if (current === undefined) return { done: false, version: 0 };
    return { done: false, version: current.version, value: JSON.parse(current.json) as unknown };
  };

  const unknown = (name: string): Refused => {
    const names = [...values].flatMap(([each, { current }]) => (current === undefined ? [] : [each]));
    const meant = suggest(name, names);
    const remedy =
      meant === undefined ? "list the values with 'procsup value ls'" : `did you mean '${meant}'?`;
    return refused('unknown-value', `unknown value '${name}'`, remedy);
  };

  return {
    get(name) {
      const current = values.get(name)?.current;
      if (current === undefined) return unknown(name);
      return { value: JSON.parse(current.json) as unknown, version: current.version };
    },

    set(name, value, ifMissing) {
      const json = jsonText(value);
      if (json === undefined) return TOO_DEEP;
      if (ifMissing && values.get(name)?.current !== undefined) return notDone(name);
      return asWritten(name, json);
    },

    increment(name, by) {
      const outcome = sumOf(values.get(name)?.current?.json, by);
      if ('why' in outcome) return outcome.why === 'inexact' ? inexact(name) : notANumber(name);
      const version = write(name, JSON.stringify(outcome.sum));
      return typeof version === 'number' ? { value: outcome.sum, version } : version;
    },

    compareAndSet(name, expected, value) {
      const [wanted, json] = [jsonText(expected), jsonText(value)];
      if (wanted === undefined || json === undefined) return TOO_DEEP;
      const current = values.get(name)?.current;
      if (current === undefined || !areEqual(current.json, wanted)) return notDone(name);
      return asWritten(name, json);
    },

    remove(name) {
      const one = values.get(name);
      if (one?.current === undefined) return unknown(name);
      base = Math.max(base, one.current.version);
      characters -= lengthOf(name);
      tell(one.remove());
      forget(name);
      return undefined;
    },

    watch(name, { after, until }, asking) {
      const json = until === undefined ? undefined : jsonText(until);
      if (until !== undefined && json === undefined) return Promise.resolve(TOO_DEEP);
      if ((json?.length ?? 0) > MOST_UNTIL) return Promise.resolve(TOO_LARGE_TO_WAIT);
      if (waits.count >= MOST_WAITING || (!values.has(name) && values.size >= MOST_NAMES))
        return Promise.resolve(tooMany('value', 'values or watchers', MOST_WAITING));
      return waits.ask(
        asking,
        (id) => {
          const change = open(name).watch({ id, after, until: json });
          if (change !== undefined) waits.settle(id, publicChange(change));
          forget(name);
        },
        (id, why) => {
          values.get(name)?.leave(id);
          forget(name);
          return leftBecause('value', name, why);
        },
      );
    },

    list: () =>
      [...values].flatMap(([name, { current, watchers }]) =>
        current === undefined
          ? []
          : [
              {
                ...{ name, version: current.version, size: current.json.length, watchers: watchers.size },
                ...(current.json.length <= MOST_LISTED && { value: JSON.parse(current.json) as unknown }),
              },
            ],
      ),
    cancel: (token, holder) => waits.cancel(token, holder),
    close: () => waits.close(SUPERVISOR_ENDS),
  };
}

const publicChange = ({ json, version, skipped }: ValueChange): Changed =>
  json === undefined ? { version, skipped } : { version, skipped, value: JSON.parse(json) as unknown };

/** In a list of 10,000 values. */
const MOST_LISTED = 1024;
/** Of 10,000 watchers. */
const MOST_UNTIL = 1024;

const TOO_LARGE = refused(
  'value-too-large',
  `value too large (the limit is ${String(MOST_CHARACTERS / 1024)} KiB)`,
  'values are for small state; use shared memory or a queue',
);
const TOO_LARGE_TO_WAIT = refused(
  'value-too-large',
  `value too large to wait for (the limit is ${String(MOST_UNTIL)} characters)`,
);
const FULL = refused(
  'value-too-many',
  `all values together are too large (the limit is ${String(MOST_CHARACTERS_IN_ALL / 1024 / 1024)} MiB)`,
);
const TOO_DEEP = refused('value-too-deep', 'the value is nested too deeply (the limit is 64)');
const notANumber = (name: string): Refused => refused('not-a-number', `value '${name}' is not a number`);
const inexact = (name: string): Refused =>
  refused(
    'inexact',
    `cannot increment value '${name}': the result would not be exact`,
    `numbers are exact up to ${String(Number.MAX_SAFE_INTEGER)}`,
  );
