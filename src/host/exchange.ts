/** Makes what processes exchange, with its stores, in one chunk: they recognize each other's errors by their class. */
import { systemClock } from '../os/clock.ts';
import { createMemoryStore } from '../os/messages/memory-store.ts';
import { openMessageStore, type StorePlaces } from '../os/messages/open-store.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { Tell } from '../runtime/exchange/tellers.ts';
import { createExchange, type Exchange } from '../runtime/exchange/exchange.ts';
import { foundPartsInTurns, type FoundParts } from '../runtime/exchange/queues/found.ts';

const EPOCH_DIGITS = 6;

/** Throws where there are messages that cannot be read. */
export async function openExchange(places: StorePlaces, tell: Tell): Promise<Exchange> {
  const epoch = Math.floor(Math.random() * 36 ** EPOCH_DIGITS)
    .toString(36)
    .padStart(EPOCH_DIGITS, '0');
  const opened = openMessageStore(places, epoch);
  const durable = 'store' in opened ? opened.store : undefined;
  const found = durable && (await contentsOf(durable));
  return createExchange({
    clock: systemClock,
    memory: createMemoryStore(durable?.epochs ?? [{ firstSeq: 1, epoch }]),
    durable,
    found,
    tell,
    connect: async (...queue) =>
      (await import('../os/bullmq/bull-queue.ts')).connectQueue(places.root, ...queue),
    remarks: 'none' in opened ? [`queues are kept in memory only: ${opened.none}`] : [],
  });
}

async function contentsOf(store: MessageStore): Promise<FoundParts> {
  try {
    return await foundPartsInTurns(store, systemClock);
  } catch (error) {
    // Its lock is ours, and would keep us from opening it again.
    store.close();
    throw error;
  }
}
