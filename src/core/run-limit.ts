/**
 * The mark of a supervised process that it cannot overwrite: a number, for programs that write their title over their
 * environment (nginx, redis-server, puma, postgres). It is the soft limit of file locks, RLIMIT_LOCKS, which Linux has not
 * enforced since 2.4.25. It is inherited by fork and exec, no daemon resets it, and all may read it in /proc/PID/limits.
 *
 * The digits are the pid of the supervisor, five of a hash of its run tag, four for the instance, three for the run:
 * below 2^63 for every pid that Linux has. As the number of digits after the pid is fixed, the beginning of such a
 * number names a supervisor, or one of its instances, and no other has the same. Numbers this large are kept as text.
 */
import { fnv1a } from '../text/hash.ts';

/** `limit` belongs to it when it begins with `digits` and `open` digits follow. */
export interface RunLimit {
  readonly digits: string;
  readonly open: number;
}

/** The number of an instance at its supervisor: 1 for the first. Undefined: none is known. */
export type InstanceNumbers = (name: string) => number | undefined;

const TAG_DIGITS = 5;
const INSTANCE_DIGITS = 4;
const RUN_DIGITS = 3;
/** Of Linux: PID_MAX_LIMIT. */
const LARGEST_PID = 2 ** 22;

const NONE_KNOWN: InstanceNumbers = () => undefined;

/**
 * What a run tag, or the id of a run or the beginning of one, is as a number. Undefined for one of another form, and where
 * the instance has no number: nothing is ever found by that.
 */
export function runLimitOf(runId: string, numbers: InstanceNumbers = NONE_KNOWN): RunLimit | undefined {
  const parts = /^(([0-9a-z]+)-[0-9a-z]{6,}-[0-9a-z]+):(?:([^:]+):(?:(\d+):)?)?$/.exec(runId);
  if (parts === null) return undefined;
  const [, tag = '', pidText = '', name, run] = parts;
  const pid = parseInt(pidText, 36);
  if (pid < 1 || pid > LARGEST_PID) return undefined;
  const supervisor = `${String(pid)}${digitsOf(fnv1a(tag), TAG_DIGITS)}`;
  if (name === undefined) return { digits: supervisor, open: INSTANCE_DIGITS + RUN_DIGITS };
  const number = numbers(name);
  if (number === undefined || number < 1 || number >= 10 ** INSTANCE_DIGITS) return undefined;
  const instance = supervisor + digitsOf(number, INSTANCE_DIGITS);
  if (run === undefined) return { digits: instance, open: RUN_DIGITS };
  return { digits: instance + digitsOf(Number(run), RUN_DIGITS), open: 0 };
}

/** The number to be given to what is launched: that of its run, else one of its supervisor. Undefined: none. */
export function launchLimitOf(runId: string, numbers?: InstanceNumbers): string | undefined {
  const tag = runId.slice(0, runId.indexOf(':') + 1);
  const limit = runLimitOf(runId, numbers) ?? runLimitOf(tag);
  return limit && limit.digits + '0'.repeat(limit.open);
}

export function hasRunLimit(limit: string, { digits, open }: RunLimit): boolean {
  return limit.length === digits.length + open && limit.startsWith(digits);
}

/** The number of the instance in a limit of this supervisor; 0: of none. */
export function instanceNumberIn(limit: string): number {
  return Number(limit.slice(-INSTANCE_DIGITS - RUN_DIGITS, -RUN_DIGITS));
}

const digitsOf = (number: number, count: number): string => String(number % 10 ** count).padStart(count, '0');
