/** What the engines that run commands in warm shells have in common: that of pools, and that of tasks. */
import type { Clock } from '../ports/clock.ts';
import type { JobShells } from '../ports/pool.ts';
import type { ProcessGroups } from '../ports/processes.ts';
import type { StopSignals } from './stop-signals.ts';
import { sweep } from './sweep.ts';

export interface ShellJobs {
  readonly shells: JobShells;
  readonly groups: ProcessGroups;
  readonly stopSignals: StopSignals;
}

/** To the job of this slot, if it has one. */
export function signalJob(
  { shells, groups, stopSignals }: ShellJobs,
  slot: number,
  name: 'SIGTERM' | 'SIGKILL',
): void {
  const group = shells.expectStop(slot);
  if (group === null) return;
  if (name === 'SIGKILL') {
    groups.signal(group, name, 'all');
    return;
  }
  stopSignals.toGroup(group, name);
  groups.signal(group, 'SIGCONT', 'group');
}

export interface StraysOptions extends Pick<ShellJobs, 'shells' | 'stopSignals'> {
  readonly runTag: string;
  readonly graceMs: number;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/** When the shells are closed: stops what jobs have left in the background, and tells of it. Returns the pids. */
export async function stopStrays(
  what: 'jobs' | 'tasks',
  { shells, stopSignals, runTag, graceMs, clock, warn }: StraysOptions,
): Promise<readonly number[]> {
  const { found, left } = await sweep(stopSignals, runTag, graceMs, clock);
  // Not before: they would end of SIGPIPE, and nobody would be told of them.
  shells.release?.();
  if (found.length > 0) warn(`stopped background processes of ${what}: pid ${found.join(', ')}`);
  if (left.length > 0) warn(`still alive after SIGKILL; giving up on it: pid ${left.join(', ')}`);
  return found;
}
