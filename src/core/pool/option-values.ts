/** Reads the values of the options of a pool: `-j 50%`, `--halt now,fail=1`, `--timeout 200%`. */
import { parseDuration } from '../../text/duration.ts';
import type { Halt, HaltOn, HaltWhen, JobTimeout } from './pool-spec.ts';

export type Converted<T> = { readonly value: T } | { readonly message: string; readonly remedy: string };

/** Of `-j 0`, as many as possible: a shell and two pipes each, within the usual limit of 1024 open files. */
export const MOST_SLOTS_BY_DEFAULT = 250;
const MOST_SLOTS = 10_000;

/** `4`, `+2` and `-1` (beside the cores), `50%` (of the cores), `0` (as many as possible). */
export function readSlots(text: string, cores: number): Converted<number> {
  const [, sign = '', digits = '', percent = ''] = /^([+-]?)(\d{1,9})(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === '' || (sign !== '' && percent !== ''))
    return { message: `invalid number of jobs '${text}'`, remedy: 'use for example 4, +2, -1, 50% or 0' };
  if (percent !== '' && number === 0)
    return { message: `invalid number of jobs '${text}'`, remedy: 'use 1% or more' };
  const count = slotsOf(sign, number, percent !== '', cores);
  if (count > MOST_SLOTS) {
    const message = `too many jobs at once (${String(count)}; the limit is ${String(MOST_SLOTS)})`;
    return { message, remedy: `use ${String(MOST_SLOTS)} or fewer` };
  }
  return { value: Math.max(1, count) };
}

function slotsOf(sign: string, number: number, isShare: boolean, cores: number): number {
  if (isShare) return Math.floor((cores * number) / 100);
  if (sign === '') return number === 0 ? MOST_SLOTS_BY_DEFAULT : number;
  return sign === '+' ? cores + number : cores - number;
}

/** Short forms of parallel: `1`, `2` and `-1`, `-2`, and a share alone. */
const SHORT_HALTS: Readonly<Record<string, string>> = {
  '1': 'soon,fail=1',
  '2': 'now,fail=1',
  '-1': 'soon,success=1',
  '-2': 'now,success=1',
};
const HALT = /^(now|soon),(fail|success|done)=(\d{1,9})(%?)$/;
const NEVER = ['never', '0'];

/** null: never. */
export function readHalt(text: string): Converted<Halt | null> {
  if (NEVER.includes(text)) return { value: null };
  const full = /^\d+%$/.test(text) ? `soon,fail=${text}` : (SHORT_HALTS[text] ?? text);
  const [, when, on, digits = '', percent] = HALT.exec(full) ?? [];
  const number = Number(digits);
  if (when === undefined || number === 0 || (percent === '%' && number > 100)) {
    const remedy =
      'use never, or now or soon with fail, success or done, for example now,fail=1 or soon,fail=10%';
    return { message: `invalid halt condition '${text}'`, remedy };
  }
  const limit = percent === '%' ? { share: number / 100 } : { jobs: number };
  return { value: { when: when as HaltWhen, on: on as HaltOn, limit } };
}

/** Messages of one worker. */
export function readRecycle(text: string): Converted<number> {
  if (/^[1-9]\d{0,8}$/.test(text)) return { value: Number(text) };
  return { message: `invalid number of values '${text}'`, remedy: 'use an integer, 1 or greater' };
}

const LEAST_NICENESS = -20;
const MOST_NICENESS = 19;

/** `own`: that of this process, which only root may go below. */
export function readNiceness(text: string, own: number, isRoot: boolean): Converted<number> {
  const value = /^[+-]?\d{1,2}$/.test(text) ? Number(text) : NaN;
  if (!(value >= LEAST_NICENESS && value <= MOST_NICENESS))
    return { message: `invalid niceness '${text}'`, remedy: 'use an integer from -20 to 19' };
  if (value >= own || isRoot) return { value };
  const message = `cannot run jobs at niceness ${String(value)}: permission denied`;
  return { message, remedy: `use ${String(own)}, which is procsup's own, or more` };
}

/** null: none (`0`). */
export function readJobTimeout(text: string): Converted<JobTimeout | null> {
  const [, percent] = /^(\d{1,9}(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) > 0) return { value: { timesMedian: Number(percent) / 100 } };
  const ms = percent === undefined ? parseDuration(text) : undefined;
  if (ms === undefined) {
    const remedy = 'use for example 30s, 5m, or 200% of the median runtime; a plain number means seconds';
    return { message: `invalid timeout '${text}'`, remedy };
  }
  return { value: ms === 0 ? null : { ms } };
}

/** How often a job is tried in all; 0: until it succeeds. */
export function readAttempts(text: string): Converted<number> {
  if (!/^\d{1,9}$/.test(text))
    return { message: `invalid number of attempts '${text}'`, remedy: 'use 1 or more, or 0 for no limit' };
  return { value: Number(text) === 0 ? Infinity : Number(text) };
}

/** How many records a job gets; 0: the command runs once for each, without it. */
export function readRecordsPerJob(text: string): Converted<number> {
  if (/^\d{1,9}$/.test(text)) return { value: Number(text) };
  return { message: `invalid number of values '${text}'`, remedy: 'use an integer, 0 or greater' };
}

export function readColumnSeparator(text: string): Converted<RegExp> {
  try {
    return { value: new RegExp(text, 'u') };
  } catch (error) {
    const reason = (error as Error).message.split(': ').at(-1) ?? '';
    return {
      message: `invalid pattern '${text}': ${reason}`,
      remedy: String.raw`use a JavaScript regular expression, for example , or \t`,
    };
  }
}

const ESCAPES: Readonly<Record<string, number>> = { '\\n': 10, '\\t': 9, '\\0': 0, '\\r': 13 };

/** One byte. */
export function readDelimiter(text: string): Converted<number> {
  const known = ESCAPES[text];
  if (known !== undefined) return { value: known };
  const code = text.charCodeAt(0);
  if (text.length === 1 && code < 0x80) return { value: code };
  return {
    message: `invalid delimiter '${text}'`,
    remedy: String.raw`use one ASCII character, or \n, \t, \r or \0`,
  };
}

/** The load average below which jobs are started: `2.5`, or `80%` of the cores. */
export function readLoad(text: string, cores: number): Converted<number> {
  const [, amount, percent] = /^(\d{1,6}(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const load = percent === '%' ? (cores * Number(amount)) / 100 : Number(amount);
  if (amount === undefined || load === 0)
    return { message: `invalid load '${text}'`, remedy: 'use for example 2.5, or 80% of the cores' };
  return { value: load };
}

/** So much of a cap for each job. */
export interface CapUse {
  readonly cap: string;
  readonly amount: number;
}

const CAP_USE = /^([A-Za-z0-9_-]{1,63})(?:=([1-9]\d{0,5}))?$/;

/** `db`, or `db=2`. */
export function readCapUse(text: string): Converted<CapUse> {
  const [, cap, amount = '1'] = CAP_USE.exec(text) ?? [];
  if (cap === undefined)
    return { message: `invalid use of a cap '${text}'`, remedy: 'use for example db, or db=2 for two of it' };
  return { value: { cap, amount: Number(amount) } };
}
