/**
 * Slows down reading from sources that write little at a time. After a short read a source rests: its pipe is not
 * watched, and one timer, shared by all resting sources, reads it PACE_MS later. Meanwhile a child that writes line by
 * line fills its pipe, and hundreds of lines cost one read instead of hundreds. The first line after a silence is not
 * delayed. If nothing was written during a rest, the pipe is watched again, so no timer runs while all are silent. It is
 * also watched again if it filled up during a rest: then the child is waiting for us.
 */
import type { Clock } from '../ports/clock.ts';
import { PIPE_BYTES } from './prefixer.ts';

const PACE_MS = 1;
/** A read of a watched pipe that brings less begins a rest. */
const SHORT_READ_BYTES = 16 * 1024;

/** What pacing needs of one source. */
export interface Paced {
  pause(): void;
  resume(): void;
  /** Reads and prints once: how much it was, `empty` for nothing now, `end` for nothing ever. */
  readOn(): number | 'empty' | 'end';
}

export interface Pacing<PipeSource extends Paced> {
  /** To be told of each read that a watched pipe brought. */
  read(source: PipeSource, byteCount: number): void;
  /** Stops reading until `start`. The caller pauses and resumes all sources: none rests any more. */
  stop(): void;
  start(): void;
}

/** `mustWait` is asked after each read of one that rests; what it takes over rests no more. */
export function createPacing<PipeSource extends Paced>(
  clock: Clock,
  mustWait: (source: PipeSource) => boolean,
): Pacing<PipeSource> {
  const resting = new Set<PipeSource>();
  let cancelTimer: (() => void) | undefined;
  let isStopped = false;

  const arm = (): void => {
    if (resting.size > 0) cancelTimer ??= clock.after(PACE_MS, readAllThatRest);
  };

  const readAllThatRest = (): void => {
    cancelTimer = undefined;
    for (const source of resting) {
      const got = source.readOn();
      if (mustWait(source)) {
        resting.delete(source);
      } else if (typeof got !== 'number' || got >= PIPE_BYTES) {
        resting.delete(source);
        if (got !== 'end' && !isStopped) source.resume();
      }
    }
    arm();
  };

  return {
    read(source, byteCount) {
      if (isStopped || byteCount >= SHORT_READ_BYTES) return;
      source.pause();
      resting.add(source);
      arm();
    },
    stop() {
      isStopped = true;
      // Also ends the loop above, if a resting source has blocked the sink.
      resting.clear();
      cancelTimer?.();
      cancelTimer = undefined;
    },
    start() {
      isStopped = false;
    },
  };
}
