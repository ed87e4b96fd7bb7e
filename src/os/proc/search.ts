/** Looks through all processes for those of a group, or of a run. Linux only: elsewhere nothing is found. */
import { hasRunLimit, type RunLimit } from '../../core/run-limit.ts';
import type { Found } from '../../ports/processes.ts';
import { probe } from '../process/send-signal.ts';
import type { PidCount } from '../../core/pid-order.ts';
import { olderThanCount, pidCount } from './pid-count.ts';
import { lacksPermission, readNames, readText, type ReadFailure } from './proc-file.ts';
import { emptyStat, hasEnded, startTicksIn } from './stat.ts';
import { readLiving, readStat } from './threads.ts';

/** `missed`: why some could not be looked at; null when all were. */
export interface GroupSearch {
  readonly living: boolean;
  /** Zombies, which nobody buries in a container without an init. */
  readonly ended: boolean;
  readonly missed: string | null;
}

/** Ends at the first member that lives. */
export function searchGroup(group: number): GroupSearch {
  const stat = emptyStat();
  let [ended, missed]: [boolean, string | null] = [false, null];
  for (const pid of pids((why) => (missed = why))) {
    const result = readStat(pid, stat);
    if (result.is === 'unknown') missed = result.why;
    if (result.is !== 'read' || stat.group !== group) continue;
    if (!hasEnded(stat)) return { living: true, ended, missed };
    ended = true;
  }
  return { living: false, ended, missed };
}

/** What a process carries of a run tag. */
export interface Marked {
  readonly pid: number;
  /** From its environment; null where that says nothing. */
  readonly runId: string | null;
  /** Its limit of file locks, where that is one of the tag. */
  readonly limit: string | null;
}

/** `missed`: as in `Found`. */
export interface MarkedSearch {
  readonly processes: readonly Marked[];
  readonly missed: string | null;
}

/** Who is not looked into: what is older than `since`, and these pids. */
export interface Unseen {
  readonly since?: Moment | undefined;
  readonly without?: ReadonlySet<number>;
}

/**
 * Those whose limit of file locks is `limit` (`core/run-limit.ts`), or whose environment has a PROCSUP_RUN_ID that begins
 * with `runId`: many programs overwrite the one, and some shells cannot set the other. An environment that we may not
 * read is another user's, whom we could not end either: that is no gap in the search.
 */
export function searchMarked(
  runId: string,
  limit: RunLimit | undefined,
  { since, without }: Unseen = {},
): MarkedSearch {
  const processes: Marked[] = [];
  let missed: string | null = null;
  // The list first: no pid in it is newer than the newest.
  const listed = pids((why) => (missed = why));
  const isOlder = since && olderSince(since);
  for (const pid of listed) {
    if (without?.has(pid) === true || isOlder?.(pid) === true) continue;
    const own = limit && limitOf(pid);
    if (own !== undefined && limit !== undefined && hasRunLimit(own, limit)) {
      const found = byLimit(pid, runId, own);
      if (found !== undefined) processes.push(found);
      continue;
    }
    const read = environmentOf(pid);
    const found = read.is === 'read' ? runIdIn(read.text, runId) : undefined;
    if (found !== undefined) processes.push({ pid, runId: found, limit: null });
    if (read.is === 'unknown' && !lacksPermission(read)) missed = read.why;
  }
  return { processes, missed };
}

export function searchRun(runId: string, limit?: RunLimit, since?: Moment): Found {
  const { processes, missed } = searchMarked(runId, limit, { since });
  return { pids: processes.map(({ pid }) => pid), missed };
}

const VARIABLE = 'PROCSUP_RUN_ID=';

/** All may read limits, also those of zombies and of other users. */
function byLimit(pid: number, runId: string, limit: string): Marked | undefined {
  if (readLiving(pid, livingStat).is === 'gone' || probe(pid) !== 'there') return undefined;
  const read = environmentOf(pid);
  const text = read.is === 'read' ? read.text : '';
  const found = runIdIn(text, runId);
  // Of another supervisor below this one, whose shell could not set the limit.
  if (found === undefined && text.includes(VARIABLE)) return undefined;
  return { pid, runId: found ?? null, limit };
}

/** The whole value that begins with `runId`. */
function runIdIn(environment: string, runId: string): string | undefined {
  const at = environment.indexOf(VARIABLE + runId);
  if (at < 0) return undefined;
  const end = environment.indexOf('\0', at);
  return environment.slice(at + VARIABLE.length, end < 0 ? undefined : end);
}

/** Undefined: none, or it cannot be read. A third of what its environment costs. */
function limitOf(pid: number): string | undefined {
  const read = readText(`/proc/${pid}/limits`);
  return read.is === 'read' ? /^Max file locks +(\d+) /m.exec(read.text)?.[1] : undefined;
}

/** What was read last: one object for all of a search. */
const livingStat = emptyStat();

/** Before anything was started that is looked for. */
export interface Moment {
  /** The start of the one that starts it, by `startOf`. */
  readonly ticks: number;
  readonly pids: PidCount | undefined;
  /** Those whose starts were looked at in the latest search. */
  looked?: Looked | undefined;
}

interface Looked {
  /** As it was before that. */
  readonly pids: PidCount;
  readonly older: Set<number>;
}

/** Undefined where it cannot be told. */
export function thisMoment(): Moment | undefined {
  const ticks = startOf('self');
  return ticks === undefined ? undefined : { ticks, pids: pidCount() };
}

/** By the pid it costs nothing. */
function olderSince(since: Moment): (pid: number) => boolean {
  const isOlderByPid = since.pids && olderThanCount(since.pids);
  return isOlderByPid ?? olderByStart(since);
}

/**
 * By the start it costs a third of a look, but once only: where pids can be told since the latest search, one that was not
 * handed out again is still that of the same process.
 */
function olderByStart(since: Moment): (pid: number) => boolean {
  const { ticks, looked: before } = since;
  const isSame = before && olderThanCount(before.pids);
  const pids = pidCount();
  const older = new Set<number>();
  since.looked = pids && { pids, older };
  return (pid) => {
    const isKnown = isSame?.(pid) === true && before?.older.has(pid) === true;
    if (!isKnown && (startOf(pid) ?? ticks) >= ticks) return false;
    older.add(pid);
    return true;
  };
}

/**
 * In ticks since boot, all by the same clock, also in a time namespace. Undefined where it cannot be told. One that exec
 * has replaced keeps its start, and a thread that has called exec takes that of the main thread.
 */
export function startOf(pid: number | 'self'): number | undefined {
  const read = readText(`/proc/${pid}/stat`);
  return read.is === 'read' ? startTicksIn(read.text) : undefined;
}

/** A kernel thread and a zombie have none. Of a process whose main thread has ended another thread has it. */
function environmentOf(pid: number): { readonly is: 'read'; readonly text: string } | ReadFailure {
  const own = readText(`/proc/${pid}/environ`);
  if (own.is === 'unknown' || (own.is === 'read' && own.text !== '')) return own;
  const result = readLiving(pid, livingStat);
  if (result.is !== 'read') return result;
  return livingStat.thread === pid ? own : readText(`/proc/${pid}/task/${livingStat.thread}/environ`);
}

function pids(miss: (why: string) => void): readonly number[] {
  if (process.platform !== 'linux') return [];
  const listed = readNames('/proc');
  // Without /proc nobody is ever found; that it cannot be listed now is another matter.
  if (listed.is === 'unknown') miss(listed.why);
  return listed.is === 'read' ? listed.names.map(Number).filter((pid) => !Number.isNaN(pid)) : [];
}
