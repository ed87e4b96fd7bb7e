/** The lines of several processes in the order in which they began. */
import type { LogEntry } from './query.ts';

/** Looking at a line takes as long as reading so many bytes. */
export const LINE_COST_BYTES = 128;
/** What is spent is told when it is this much. */
const TOLD_BYTES = 4 * 1024;

export interface LineSource {
  /** The next line, once it is found; the taker sets it to undefined. */
  entry: LogEntry | undefined;
  /** Looks on for it for a moment. Returns what that cost, about in bytes; 0: there is none for now. */
  step(): number;
}

/** Yields each line, and now and then a number, what it cost to find them, so that the reader can rest. */
export function* mergeLines(sources: readonly LineSource[]): Generator<LogEntry | number, void> {
  let spentBytes = 0;
  for (;;) {
    let first: LineSource | undefined;
    let nextStamp = Infinity;
    for (const source of sources) {
      yield* fill(source);
      const stamp = source.entry?.stamp ?? Infinity;
      const firstStamp = first?.entry?.stamp ?? Infinity;
      if (stamp < firstStamp) {
        nextStamp = firstStamp;
        first = source;
      } else {
        nextStamp = Math.min(nextStamp, stamp);
      }
    }
    if (first === undefined) return;
    // As long as no other has an earlier one, the others need not be looked at again.
    while (first.entry !== undefined && first.entry.stamp <= nextStamp) {
      const { entry }: LineSource = first;
      first.entry = undefined;
      yield entry;
      spentBytes += first.step();
      if (!hasLine(first)) yield* fill(first);
      if (spentBytes < TOLD_BYTES) continue;
      yield spentBytes;
      spentBytes = 0;
    }
  }
}

const hasLine = ({ entry }: LineSource): boolean => entry !== undefined;

function* fill(source: LineSource): Generator<number, void> {
  while (!hasLine(source)) {
    const cost = source.step();
    if (cost === 0) return;
    yield cost;
  }
}
