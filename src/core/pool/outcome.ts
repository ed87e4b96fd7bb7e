/** How a pool is stopped by signals, and how it has ended. */
import { STATUS, statusOf } from '../process/exit.ts';
import type { SignalName } from '../process/signals.ts';
import { poolStatus } from './halt.ts';
import type { PoolSpec } from './pool-spec.ts';
import type { PoolState } from './state.ts';

export interface PoolOutcome {
  /** The exit status of GNU parallel; 130 after Ctrl-C, 128 + n after another signal that stops the pool. */
  readonly status: number;
  readonly done: number;
  readonly failed: number;
  /** Jobs that were taken from the input and have no result. What was not taken from it is not counted. */
  readonly notDone: number;
  /** The first signal that ended it early, SIGPIPE when nobody reads our output; else null. */
  readonly signal: SignalName | null;
  /** Background processes of jobs that were stopped at the end. */
  readonly strays: readonly number[];
  /** Why not all could be done, apart from failed jobs and signals. */
  readonly problem: string | null;
}

const STOPPING: readonly SignalName[] = ['SIGTERM', 'SIGQUIT', 'SIGALRM', 'SIGXCPU', 'SIGABRT'];

/** Ctrl-C once and SIGHUP: what runs may end. As in GNU parallel, SIGTERM stops everything. */
export function howToStop(name: SignalName, isAgain: boolean): 'soon' | 'now' | undefined {
  if (name === 'SIGHUP') return 'soon';
  if (name === 'SIGINT') return isAgain ? 'now' : 'soon';
  return STOPPING.includes(name) ? 'now' : undefined;
}

/** The signal that ended the pool. SIGHUP is none when all values have become results: the pool has only waited then. */
export function endingSignal(
  stopping: SignalName | null,
  heard: ReadonlySet<SignalName>,
  { counts, sourceEnded }: Pick<PoolState, 'counts' | 'sourceEnded'>,
): SignalName | null {
  const isDone = sourceEnded && counts.notDone === 0;
  return stopping ?? (heard.has('SIGHUP') && !isDone ? 'SIGHUP' : null);
}

/** GNU parallel's status for a failure that is not a job's. */
const PROBLEM_STATUS = 255;

export function poolOutcome(
  { halt }: Pick<PoolSpec, 'halt'>,
  { counts, halted }: Pick<PoolState, 'counts' | 'halted'>,
  early: Pick<PoolOutcome, 'signal' | 'strays' | 'problem'>,
): PoolOutcome {
  const { signal, problem } = early;
  const status = (): number => {
    if (problem !== null) return PROBLEM_STATUS;
    if (signal === 'SIGINT') return STATUS.interrupted;
    if (signal !== null) return statusOf({ by: 'signal', signal });
    return poolStatus(halt, halted, counts);
  };
  return { status: status(), ...counts, ...early };
}
