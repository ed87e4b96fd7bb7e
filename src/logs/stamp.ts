/**
 * The number that each recorded chunk of output gets: unique, in the order of recording over all processes and over
 * restarts of the supervisor, and its 1024th part is the time. Exact in a double until the year 2248.
 */
import type { Clock } from '../ports/clock.ts';

const STAMPS_PER_MS = 1024;

/** The first stamp of a millisecond of Unix time. */
export const stampAt = (wallMs: number): number => Math.floor(wallMs) * STAMPS_PER_MS;

export const wallMsOf = (stamp: number): number => Math.floor(stamp / STAMPS_PER_MS);

export interface LogStamps {
  /** No stamp is larger. */
  readonly last: number;
  /**
   * The stamp for what is recorded now: `mine` once more where that tells as much, as the same millisecond lasts and
   * nobody was given one since; else a new one. -1 for `mine` asks for a new one.
   */
  next(mine: number): number;
  /** What was recorded so far shares no stamp with what comes; returns `last`. */
  seal(): number;
  /** Stamps up to this one are taken. */
  raise(stamp: number): void;
}

export function createLogStamps(clock: Clock): LogStamps {
  let last = 0;
  return {
    get last() {
      return last;
    },
    next(mine) {
      const now = stampAt(clock.wallNow());
      if (mine !== last || now > last) last = Math.max(last + 1, now);
      return last;
    },
    seal: () => ++last,
    raise: (stamp) => void (last = Math.max(last, stamp)),
  };
}
