/** Looks through all processes for those of a group, or of a run. Linux only: elsewhere nothing is found. */
import type { Found } from '../../ports/processes.ts';
import { lacksPermission, readNames, readText, type ReadFailure } from './proc-file.ts';
import { emptyStat, hasEnded } from './stat.ts';
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

/**
 * Those whose environment has a PROCSUP_RUN_ID that begins with `runId`. An environment that we may not read is another
 * user's, whom we could not end either: that is no gap in the search.
 */
export function searchRun(runId: string): Found {
  const text = `PROCSUP_RUN_ID=${runId}`;
  const found: number[] = [];
  let missed: string | null = null;
  for (const pid of pids((why) => (missed = why))) {
    const read = environmentOf(pid);
    if (read.is === 'read' && read.text.includes(text)) found.push(pid);
    if (read.is === 'unknown' && !lacksPermission(read)) missed = read.why;
  }
  return { pids: found, missed };
}

const looked = emptyStat();

/** A kernel thread and a zombie have none. Of a process whose main thread has ended another thread has it. */
function environmentOf(pid: number): { readonly is: 'read'; readonly text: string } | ReadFailure {
  const own = readText(`/proc/${pid}/environ`);
  if (own.is === 'unknown' || (own.is === 'read' && own.text !== '')) return own;
  const result = readLiving(pid, looked);
  if (result.is !== 'read') return result;
  return looked.thread === pid ? own : readText(`/proc/${pid}/task/${looked.thread}/environ`);
}

function pids(miss: (why: string) => void): readonly number[] {
  if (process.platform !== 'linux') return [];
  const listed = readNames('/proc');
  // Without /proc nobody is ever found; that it cannot be listed now is another matter.
  if (listed.is === 'unknown') miss(listed.why);
  return listed.is === 'read' ? listed.names.map(Number).filter((pid) => !Number.isNaN(pid)) : [];
}
