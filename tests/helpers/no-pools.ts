/** For supervisors without pools. */
import type { PoolWorkers } from '../../src/ports/pool-workers.ts';

export const NO_POOLS: PoolWorkers = {
  open: () => Promise.reject(new Error('no pools')),
  began: () => undefined,
  refused: () => undefined,
  finish: () => undefined,
  ended: () => undefined,
};
