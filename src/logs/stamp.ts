/**
 * The number that each recorded chunk of output gets: unique, and in the order of recording over all processes and over
 * restarts of the supervisor. Its 1024th part is the time, as long as the clock goes forward; exact in a double until the
 * year 2248.
 *
 * A clock that was ahead and is put right would make the order wrong, so stamps go on ahead of it then, and each record
 * says how much by: a whole number of steps, its lag. Within a lag stamps follow the clock, so times are exact, and as soon
 * as the clock has caught up by a step the lag is less. One moment of a wrong clock spoils no times but its own.
 */
import type { Clock } from '../ports/clock.ts';

const STAMPS_PER_MS = 1024;
/** About 17 minutes. The largest lag, beside the flags of a record, stands for 8,000 years. */
const LAG_STEP_MS = 2 ** 20;
/** A clock that is put back by less than this is waited for: times may be so much too late. */
const TOLERATED_MS = 1_000;
/** In the year 2109. Later times are taken for this one, which leaves stamps enough for what comes after it. */
const LATEST_MS = 2 ** 42;

/** The first stamp of a millisecond of Unix time. */
export const stampAt = (wallMs: number, lag = 0): number =>
  (Math.floor(Math.min(wallMs, LATEST_MS)) + lag * LAG_STEP_MS) * STAMPS_PER_MS;

export const wallMsOf = (stamp: number, lag = 0): number =>
  Math.floor(stamp / STAMPS_PER_MS) - lag * LAG_STEP_MS;

/** The least lag that makes stamps rise beyond `last`; where there is no need, that of before. */
export function lagAfter(last: number, lag: number, wallMs: number): number {
  const aheadMs = last / STAMPS_PER_MS - wallMs;
  const least = aheadMs < 0 ? 0 : Math.floor(aheadMs / LAG_STEP_MS) + 1;
  return least < lag || aheadMs - lag * LAG_STEP_MS > TOLERATED_MS ? least : lag;
}

export interface LastStamp {
  readonly stamp: number;
  readonly lag: number;
}

export interface LogStamps {
  /** No stamp is larger. */
  readonly last: number;
  /** Of the stamp that `next` gave last. */
  readonly lag: number;
  /**
   * The stamp for what is recorded now: `mine` once more where that tells as much, as the same millisecond lasts and
   * nobody was given one since; else a new one. -1 for `mine` asks for a new one.
   */
  next(mine: number): number;
  /** What was recorded so far shares no stamp with what comes; returns `last`. */
  seal(): number;
  /** Stamps up to this one are taken. */
  raise(stamp: LastStamp): void;
  /** No record with a smaller stamp is as late as this time, if the clock was right since. */
  since(wallMs: number): number;
}

export function createLogStamps(clock: Clock): LogStamps {
  let last = 0;
  let lag = 0;

  return {
    get last() {
      return last;
    },
    get lag() {
      return lag;
    },
    next(mine) {
      const nowMs = clock.wallNow();
      lag = lagAfter(last, lag, nowMs);
      const now = stampAt(nowMs, lag);
      if (mine !== last || now > last) last = Math.max(last + 1, now);
      return last;
    },
    seal: () => ++last,
    raise(taken) {
      if (taken.stamp > last) ({ stamp: last, lag } = taken);
    },
    since: (wallMs) => stampAt(Math.ceil(wallMs), lagAfter(last, lag, clock.wallNow())),
  };
}
