import type { Clock } from '../ports.ts';

/** 24.8 days: a timer of Node that is set for longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** By process.hrtime: the first touch of the global `performance` loads modules for 3 ms, before the first child runs. */
export const systemClock: Clock = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  wallNow: () => Date.now(),
  after(ms, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const isLast = leftMs <= LONGEST_TIMER_MS;
      timer = isLast
        ? setTimeout(callback, leftMs)
        : setTimeout(() => wait(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
