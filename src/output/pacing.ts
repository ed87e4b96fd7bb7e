/**
 * Moderation of those that write little at a time. After a short read a feed rests: its pipe is not watched, and one
 * timer, shared by all that rest, looks after it PACE_MS later. Meanwhile a child that writes line by line fills its
 * pipe, and a hundred lines cost one read instead of a hundred. The first line after a silence is not delayed, and
 * when nothing was written during a rest the pipe is watched again, so no timer runs while all are silent.
 */
import type { Clock } from '../ports.ts';

const PACE_MS = 1;
/** A read that brings less leaves its feed resting. */
const SHORT_READ_BYTES = 16 * 1024;

/** What pacing needs of one source. */
export interface Paced {
  pause(): void;
  resume(): void;
  /** Reads and prints once: how much it was, `empty` for nothing now, `end` for nothing ever. */
  readOn(): number | 'empty' | 'end';
}

export interface Pacing {
  /** To be told of each read that a watched pipe brought. */
  read(feed: Paced, byteCount: number): void;
  /** Until `start` nobody is looked after, and nobody rests: all are paused by whoever calls this. */
  stop(): void;
  start(): void;
}

export function createPacing(clock: Clock): Pacing {
  let resting: Paced[] = [];
  let cancelTimer: (() => void) | undefined;
  let isStopped = false;

  const rest = (feed: Paced): void => {
    resting.push(feed);
    cancelTimer ??= clock.after(PACE_MS, lookAfterAll);
  };

  const lookAfterAll = (): void => {
    cancelTimer = undefined;
    const rested = resting;
    resting = [];
    for (const feed of rested) {
      const got = feed.readOn();
      // Printing what one has read may block the sink, and that stops us.
      if (isStopped) return;
      if (typeof got === 'number' && got < SHORT_READ_BYTES) rest(feed);
      else if (got !== 'end') feed.resume();
    }
  };

  return {
    read(feed, byteCount) {
      if (isStopped || byteCount >= SHORT_READ_BYTES) return;
      feed.pause();
      rest(feed);
    },
    stop() {
      isStopped = true;
      cancelTimer?.();
      cancelTimer = undefined;
      resting = [];
    },
    start() {
      isStopped = false;
    },
  };
}
