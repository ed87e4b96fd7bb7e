/** Time that passes only when the test says so. Timers due at the same moment run in the order they were set. */
import type { Clock } from '../../src/ports/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets `ms` pass: runs everything due on the way at its own moment, timers set meanwhile included. */
  advance(ms: number): void;
  /** Advances to the next timer and runs it (and its contemporaries); false when none is set. */
  runNext(): boolean;
  /** Timers set and not yet run or cancelled. */
  readonly timerCount: number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** `wallStartMs`: the Unix time at the start, in milliseconds; the default is 2026-01-02T03:04:05Z. */
export function createVirtualClock(wallStartMs = Date.UTC(2026, 0, 2, 3, 4, 5)): VirtualClock {
  const timers = new Set<Timer>();
  let nowMs = 0;

  const earliest = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  };

  const runDue = (untilMs: number): void => {
    for (let next = earliest(); next !== undefined && next.dueMs <= untilMs; next = earliest()) {
      timers.delete(next);
      nowMs = Math.max(nowMs, next.dueMs);
      next.callback();
    }
  };

  return {
    now: () => nowMs,
    wallNow: () => wallStartMs + nowMs,
    after(ms, callback) {
      const timer = { dueMs: nowMs + Math.max(0, ms), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      runDue(untilMs);
      nowMs = untilMs;
    },
    runNext() {
      const next = earliest();
      if (next !== undefined) runDue(next.dueMs);
      return next !== undefined;
    },
    get timerCount() {
      return timers.size;
    },
  };
}
