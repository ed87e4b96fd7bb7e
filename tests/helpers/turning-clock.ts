/** Virtual time in which the event loop turns by itself: `after(0)` is not for a time, but for the next turn. */
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export function createTurningClock(wallStartMs?: number): VirtualClock {
  const clock = createVirtualClock(wallStartMs);
  return {
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    after(ms, callback) {
      if (ms > 0) return clock.after(ms, callback);
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    },
    advance: (ms) => clock.advance(ms),
    runNext: () => clock.runNext(),
    get timerCount() {
      return clock.timerCount;
    },
  };
}
