/** What processes exchange through their supervisor. It is made at the first request for any of it. */
import type { HeldThing } from '../../core/exchange/held.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MessageStore } from '../../ports/message-store.ts';
import { heldLocks, heldQueues, remarksOf } from './held.ts';
import { createLocks, type Locks } from './locks.ts';
import { createQueues, type Queues } from './queues/queues.ts';

export interface Exchange {
  readonly queues: Queues;
  readonly locks: Locks;
  /** All that there is. */
  held(): Promise<readonly HeldThing[]>;
  /** What is wrong, a sentence each. */
  remarks(): readonly string[];
  /** Nothing is given out or taken any more. */
  close(): void;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  /** Of queues that need not outlive the supervisor. */
  readonly memory: MessageStore;
  /** Undefined: there is none, for the reason in `remarks`. */
  readonly durable?: MessageStore | undefined;
  readonly remarks?: readonly string[];
}

export function createExchange({ clock, memory, durable, remarks = [] }: ExchangeOptions): Exchange {
  const queues = createQueues({ clock, memory, durable, remarks });
  const locks = createLocks(clock);
  return {
    queues,
    locks,
    // One line for each registry.
    held: async () => [...(await heldQueues(queues)), ...heldLocks(locks)],
    remarks: () => remarksOf(queues),
    close() {
      locks.close();
      queues.close();
    },
  };
}
