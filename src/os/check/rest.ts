/** Keeps work that is done over and over from taking more than its share of a core. */
import type { Clock } from '../../ports/clock.ts';

export interface Rest {
  /** Does some of it. */
  timed<T>(work: () => T): T;
  /** How long it should not be done again. */
  leftMs(): number;
}

/** For each millisecond of work, so many of rest; but nobody is to wait for long. */
const REST = 9;
const LONGEST_REST_MS = 60;

export function createRest(clock: Clock): Rest {
  let untilMs = -Infinity;
  return {
    timed(work) {
      const beganMs = clock.now();
      try {
        return work();
      } finally {
        const endedMs = clock.now();
        untilMs = endedMs + Math.min(LONGEST_REST_MS, (endedMs - beganMs) * REST);
      }
    },
    leftMs: () => Math.max(0, untilMs - clock.now()),
  };
}
