import type { Clock } from '../ports/clock.ts';

/** 24.8 days: a timer of Node that is set for longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a busy machine does to a timer, and a stop of this process (Ctrl-Z, a debugger) or a stall of the disk much more. */
const LATE_MS = 10;

/**
 * Node calls timers before it looks what else has happened: where this process could not run for a while, a time limit would be
 * over before the end of a child that came long before. So a late one waits until all that is there has been heard.
 *
 * Uses process.hrtime: the first use of the global `performance` loads modules for 3 ms, before the first child runs.
 */
export const systemClock: Clock = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  wallNow: () => Date.now(),
  after(ms, callback) {
    // A timer would wait for a millisecond, which is most of the time of a reader that takes many short turns.
    if (ms <= 0) {
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    }
    let timer: NodeJS.Timeout;
    let turn: NodeJS.Immediate | undefined;
    const due = systemClock.now() + ms;
    const ring = (): void => {
      if (systemClock.now() < due + LATE_MS) callback();
      else turn = setImmediate(callback);
    };
    const wait = (leftMs: number): void => {
      const isLast = leftMs <= LONGEST_TIMER_MS;
      timer = isLast
        ? setTimeout(ring, leftMs)
        : setTimeout(() => wait(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS);
    };
    wait(ms);
    return () => {
      clearTimeout(timer);
      clearImmediate(turn);
    };
  },
};
