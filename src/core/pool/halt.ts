/** When a pool starts no more jobs because of how some have ended, and the exit status of a pool. */
import type { Halt } from './pool-spec.ts';
import type { Halted, PoolCounts } from './state.ts';

/** A share means nothing before so many have ended. */
const LEAST_FOR_SHARE = 3;

/** `ended`: the job whose end was counted last has failed. A job that is of another kind never halts a pool. */
export function isReached({ on, limit }: Halt, { done, failed }: PoolCounts, hasFailed: boolean): boolean {
  if ((on === 'fail' && !hasFailed) || (on === 'success' && hasFailed)) return false;
  const count = on === 'done' ? done : on === 'fail' ? failed : done - failed;
  if ('jobs' in limit) return count >= limit.jobs;
  if (limit.of !== undefined) return count >= jobsIn(limit.share, limit.of);
  return done >= LEAST_FOR_SHARE && count >= limit.share * done;
}

/** Not always an integer. 7% of 100 are 7, and not a little more. */
const jobsIn = (share: number, total: number): number => (Math.round(share * 100) * total) / 100;

/** That of GNU parallel: more than 100 failed jobs are 101. */
const MOST_FAILED = 101;

/**
 * As in GNU parallel: the number of failed jobs; after a halt 0 when so many have succeeded, the share of failed jobs in
 * percent when the limit was a share, also where it was not reached; and the job's own status when one job was enough.
 */
export function poolStatus(halt: Halt | null, halted: Halted | null, { done, failed }: PoolCounts): number {
  if (halt === null) return Math.min(failed, MOST_FAILED);
  const { limit, on } = halt;
  if (halted === null) return 'share' in limit ? percent(failed, done) : Math.min(failed, MOST_FAILED);
  if (on === 'success') return 0;
  if ('jobs' in limit) return limit.jobs === 1 ? halted.status : Math.min(halted.failed, MOST_FAILED);
  const { share, of } = limit;
  if (of !== undefined && jobsIn(share, of) === 1) return halted.status;
  return percent(halted.failed, of ?? halted.done);
}

const percent = (part: number, whole: number): number => Math.ceil((part / Math.max(1, whole)) * 100);
