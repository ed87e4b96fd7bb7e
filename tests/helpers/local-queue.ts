/** A queue of our own on a store, with real time. */
import { systemClock } from '../../src/os/clock.ts';
import type { MessageStore } from '../../src/ports/message-store.ts';
import type { QueueBackend } from '../../src/ports/queue-backend.ts';
import { createMemoryStore } from '../../src/os/messages/memory-store.ts';
import { createQueues } from '../../src/runtime/exchange/queues/queues.ts';

/** Each call gives another one. */
export function localQueues(durable: MessageStore): { open(): Promise<QueueBackend>; close(): void } {
  const queues = createQueues({
    ...{ clock: systemClock, memory: createMemoryStore(durable.epochs), durable, remarks: [] },
    connect: () => Promise.reject(new Error('no engine here')),
  });
  let count = 0;
  return {
    async open() {
      const queue = queues.open(`q${String((count += 1))}`);
      await queue.change({ attempts: 3, backoffMs: 1 });
      return queue;
    },
    close: () => queues.close(),
  };
}
