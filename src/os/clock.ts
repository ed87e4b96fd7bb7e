import type { Clock } from '../ports/clock.ts';

/** By process.hrtime: the first touch of the global `performance` loads modules for 3 ms, before the first child runs. */
export const systemClock: Clock = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  wallNow: () => Date.now(),
  after(ms, callback) {
    // A timer would wait for a millisecond, which is most of the time of whoever takes many short turns.
    if (ms <= 0) {
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
