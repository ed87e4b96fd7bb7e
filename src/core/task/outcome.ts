/** How a run of tasks has ended. */
import { STATUS, statusOf } from '../process/exit.ts';
import type { SignalName } from '../process/signals.ts';
import type { TaskOutcome } from './events.ts';
import type { TaskGraph } from './graph.ts';

export interface TaskResult {
  readonly name: string;
  readonly outcome: TaskOutcome;
  /** Of the last attempt, or of putting its outputs back; 0: it did not run. */
  readonly durationMs: number;
  /** `cached`: how long its command took when the result was made. */
  readonly savedMs: number;
  readonly attempts: number;
}

export interface TasksOutcome {
  readonly status: number;
  /** In the order of the graph. */
  readonly results: readonly TaskResult[];
  readonly durationMs: number;
  /** The first signal that ended it early, SIGPIPE when nobody reads our output; else null. */
  readonly signal: SignalName | null;
  /** Why not all could be done, apart from failed tasks and signals. */
  readonly problem: string | null;
}

/** `failed`: the outcome of the first task that failed. */
export function tasksStatus(
  failed: TaskOutcome | null,
  { signal, problem }: Pick<TasksOutcome, 'signal' | 'problem'>,
): number {
  if (signal !== null) return statusOf({ by: 'signal', signal });
  if (problem !== null) return STATUS.internal;
  return failed?.is === 'failed' ? failed.status : STATUS.success;
}

export interface CriticalPath {
  readonly names: readonly string[];
  readonly durationMs: number;
}

/** The chain of tasks, each needing the one before, that took longest together: a shorter run has a shorter chain. */
export function criticalPath(graph: TaskGraph, durationsMs: readonly number[]): CriticalPath {
  const sums: number[] = [];
  const before: (number | undefined)[] = [];
  let last: number | undefined;
  graph.forEach(({ needs }, index) => {
    let longest: number | undefined;
    for (const need of needs)
      if (longest === undefined || (sums[need] ?? 0) > (sums[longest] ?? 0)) longest = need;
    before[index] = longest;
    sums[index] = (durationsMs[index] ?? 0) + (longest === undefined ? 0 : (sums[longest] ?? 0));
    if (last === undefined || (sums[index] ?? 0) > (sums[last] ?? 0)) last = index;
  });
  const names: string[] = [];
  for (let at = last; at !== undefined; at = before[at])
    if ((durationsMs[at] ?? 0) > 0) names.push(graph[at]?.task.name ?? '');
  return { names: names.reverse(), durationMs: last === undefined ? 0 : (sums[last] ?? 0) };
}
