/** The exit status of a pool, as that of GNU parallel. */
import type { JobExit, JobResult } from './job.ts';
import { SIGNAL_NUMBERS } from '../process/signals.ts';
import type { Halt } from './pool-spec.ts';

/** More failed jobs are not counted in the status. */
const MOST_COUNTED = 100;

export interface PoolEnd {
  readonly failed: number;
  /** The job with which the halt condition was met; null: it was not. */
  readonly haltedBy: Pick<JobResult, 'exit'> | null;
}

/**
 * The number of failed jobs up to 100, 101 above. After a halt: the status of the job that met its condition.
 */
export function poolStatus({ failed, haltedBy }: PoolEnd, halt: Halt | null): number {
  if (haltedBy === null || halt === null) return failed > MOST_COUNTED ? MOST_COUNTED + 1 : failed;
  return statusOfJob(haltedBy.exit);
}

export const hasFailed = (exit: JobExit): boolean => !('code' in exit) || exit.code !== 0;

/** As a shell: 128+n for signal n. */
export function statusOfJob(exit: JobExit): number {
  return 'code' in exit ? exit.code : 128 + numberOfSignal(exit.signal);
}

/** 0 for a name that is unknown. */
export const numberOfSignal = (name: string): number =>
  Object.hasOwn(SIGNAL_NUMBERS, name) ? SIGNAL_NUMBERS[name as keyof typeof SIGNAL_NUMBERS] : 0;
