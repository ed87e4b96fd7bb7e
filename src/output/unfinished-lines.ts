/**
 * Prints a line without its newline, such as a prompt or dots, half a second after its first byte. One timer for all
 * sources, armed only while a line is held and not re-armed by reads: when it fires, it checks which lines are due.
 */
import type { Clock } from '../ports/clock.ts';

const UNFINISHED_LINE_MS = 500;

/** What is needed of one source. */
export interface Listened {
  readonly holds: boolean;
  /** When what it holds began, by the clock's `now`. */
  heldSinceMs: number;
  /** It has held it for UNFINISHED_LINE_MS. */
  onDue(): void;
}

export interface UnfinishedLineWatch {
  /** To be told whenever a source begins to hold a line. */
  began(source: Listened): void;
  /** While nothing is read, nothing becomes due. After `start` the time begins anew. */
  stop(): void;
  start(): void;
}

export function watchUnfinishedLines(clock: Clock): UnfinishedLineWatch {
  const held = new Set<Listened>();
  let cancelTimer: (() => void) | undefined;
  let isStopped = false;

  const arm = (ms: number): void => {
    if (!isStopped) cancelTimer ??= clock.after(ms, lookWhatIsDue);
  };

  const lookWhatIsDue = (): void => {
    cancelTimer = undefined;
    const nowMs = clock.now();
    let nextMs = Infinity;
    for (const source of held) {
      // Printing a held line may block the sink, which stops this loop.
      if (isStopped) return;
      const leftMs = source.heldSinceMs + UNFINISHED_LINE_MS - nowMs;
      if (source.holds && leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs);
      } else {
        held.delete(source);
        if (source.holds) source.onDue();
      }
    }
    if (nextMs < Infinity) arm(nextMs);
  };

  return {
    began(source) {
      source.heldSinceMs = clock.now();
      held.add(source);
      arm(UNFINISHED_LINE_MS);
    },
    stop() {
      isStopped = true;
      cancelTimer?.();
      cancelTimer = undefined;
    },
    start() {
      isStopped = false;
      for (const source of held) source.heldSinceMs = clock.now();
      if (held.size > 0) arm(UNFINISHED_LINE_MS);
    },
  };
}
