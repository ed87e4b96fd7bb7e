/** When the last attempt to run an instance began: its output is what tells why the start has failed. */
import type { JournalEntry } from '../../runtime/journal.ts';

/**
 * Unix time in milliseconds. `entries`: those about the instance, oldest first. An attempt begins with the end of the one
 * before, since its pre_start has output too.
 */
export function lastAttemptMs(entries: readonly JournalEntry[], startedMs: number): number {
  const turns = entries.filter(({ event }) => event.type === 'started' || isEnd(event.type));
  const last = turns.at(-1);
  // That of the last attempt itself says nothing about its beginning.
  const earlier = last !== undefined && isEnd(last.event.type) ? turns.slice(0, -1) : turns;
  const end = earlier.findLast(({ event }) => isEnd(event.type));
  // What was printed before an exit may have its time.
  return end === undefined ? startedMs : Math.max(startedMs, end.wallMs + 1);
}

const isEnd = (type: JournalEntry['event']['type']): boolean => type === 'exited' || type === 'refused';
