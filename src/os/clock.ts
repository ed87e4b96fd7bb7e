import type { Clock } from '../ports/clock.ts';

/** By process.hrtime: the first touch of the global `performance` loads modules for 3 ms, before the first child runs. */
export const systemClock: Clock = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  wallNow: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
