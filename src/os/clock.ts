import type { Clock } from '../ports/clock.ts';

/** By process.hrtime: the first touch of the global `performance` loads modules for 3 ms, before the first child runs. */
export const systemClock: Clock = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  wallNow: () => Date.now(),
  after(ms, callback) {
    // A timer would not do: one whose callback takes a millisecond and sets the next is due again before anything is read.
    if (ms <= 0) {
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
