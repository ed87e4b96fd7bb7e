import type { Clock } from '../../ports/clock.ts';
import { createLocks, type Locks } from './locks.ts';

/** What processes exchange through their supervisor. It is made at the first request for any of it. */
export interface Exchange {
  readonly locks: Locks;
  /** Nothing is given out or taken any more. */
  close(): void;
}

export function createExchange(clock: Pick<Clock, 'wallNow' | 'after'>): Exchange {
  const locks = createLocks(clock);
  return {
    locks,
    close() {
      locks.close();
    },
  };
}
