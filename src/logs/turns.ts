/**
 * Reading takes turns. A hundred readers may come at once, and nobody else (a request, a program's output) is to wait for
 * more than one share of them: so in one turn of the event loop all readers together do about so much, and who has more
 * to read waits in line. In each turn the first of the line goes on.
 */
import type { Clock } from '../ports/clock.ts';

/** Bytes read and scanned in one turn. */
export const TURN_BYTES = 32 * 1024;

export interface LogTurns {
  /** This turn is used up: `next` comes before any more work. */
  readonly isOver: boolean;
  /** So much was done, in bytes. */
  spend(bytes: number): void;
  /** Resolves in the caller's turn. */
  next(): Promise<void>;
}

export function createLogTurns(clock: Clock): LogTurns {
  const waiting: (() => void)[] = [];
  let spentBytes = 0;
  let isArmed = false;

  const arm = (): void => {
    if (isArmed) return;
    isArmed = true;
    clock.after(0, () => {
      isArmed = false;
      spentBytes = 0;
      waiting.shift()?.();
      if (waiting.length > 0) arm();
    });
  };

  return {
    get isOver() {
      return spentBytes >= TURN_BYTES;
    },
    spend(bytes) {
      spentBytes += bytes;
      arm();
    },
    next() {
      arm();
      return new Promise((resolve) => void waiting.push(resolve));
    },
  };
}
