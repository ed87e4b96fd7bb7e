/** What a store holds at its opening, by queues. */
import type { FoundMessage, FoundRun } from '../../../core/exchange/queue/events.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { FoundPage, MessageStore } from '../../../ports/message-store.ts';

export type FoundParts = ReadonlyMap<number, readonly (FoundMessage | FoundRun)[]>;

export function foundParts(store: MessageStore): FoundParts {
  const parts = new Map<number, (FoundMessage | FoundRun)[]>();
  for (const page of store.found()) add(parts, page);
  return parts;
}

/** As long as others do not wait. */
const TURN_MS = 5;

/** Others have their turns in between: a million messages take a second. */
export async function foundPartsInTurns(store: MessageStore, clock: Clock): Promise<FoundParts> {
  const parts = new Map<number, (FoundMessage | FoundRun)[]>();
  let untilMs = clock.now() + TURN_MS;
  for (const page of store.found()) {
    add(parts, page);
    if (clock.now() < untilMs) continue;
    await new Promise<void>((resolve) => void clock.after(0, resolve));
    untilMs = clock.now() + TURN_MS;
  }
  return parts;
}

/** Runs of neighbouring pages become one. */
function add(parts: Map<number, (FoundMessage | FoundRun)[]>, page: FoundPage): void {
  for (const one of page) {
    const known = parts.get(one.queue);
    const before = known?.at(-1);
    if (known === undefined) parts.set(one.queue, [one]);
    else if (before !== undefined && 'last' in before && 'last' in one && before.last + 1 === one.first)
      known[known.length - 1] = joined(before, one);
    else known.push(one);
  }
}

const joined = (one: FoundRun, next: FoundRun): FoundRun => ({
  first: one.first,
  last: next.last,
  bytes: Math.max(one.bytes, next.bytes),
});
