/**
 * Prints a line without its newline, such as a prompt, after half a second of silence. One timer for all sources, armed
 * only while a line is held and not re-armed by reads: when it fires, it checks which sources have been silent.
 */
import type { Clock } from '../ports/clock.ts';

const UNFINISHED_LINE_MS = 500;

/** What is needed of one source. */
export interface Listened {
  readonly holds: boolean;
  /** When it was last heard, by the clock's `now`. */
  heardAtMs: number;
  /** Nothing has come for UNFINISHED_LINE_MS. */
  onSilence(): void;
}

export interface UnfinishedLineWatch {
  /** To be told whenever a source has been read of which a line is still held. */
  heard(source: Listened): void;
  /** While nothing is read, no source counts as silent. After `start` the silence begins anew. */
  stop(): void;
  start(): void;
}

export function watchUnfinishedLines(clock: Clock): UnfinishedLineWatch {
  const held = new Set<Listened>();
  let cancelTimer: (() => void) | undefined;
  let isStopped = false;

  const arm = (ms: number): void => {
    if (!isStopped) cancelTimer ??= clock.after(ms, lookWhoIsSilent);
  };

  const lookWhoIsSilent = (): void => {
    cancelTimer = undefined;
    const nowMs = clock.now();
    let nextMs = Infinity;
    for (const source of held) {
      // Printing a held line may block the sink, which stops this loop.
      if (isStopped) return;
      const leftMs = source.heardAtMs + UNFINISHED_LINE_MS - nowMs;
      if (source.holds && leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs);
      } else {
        held.delete(source);
        if (source.holds) source.onSilence();
      }
    }
    if (nextMs < Infinity) arm(nextMs);
  };

  return {
    heard(source) {
      source.heardAtMs = clock.now();
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
      for (const source of held) source.heardAtMs = clock.now();
      if (held.size > 0) arm(UNFINISHED_LINE_MS);
    },
  };
}
