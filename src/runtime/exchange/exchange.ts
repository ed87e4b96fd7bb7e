/** What processes exchange through their supervisor. It is made at the first request for any of it. */
import type { HeldThing } from '../../core/exchange/held.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MessageStore } from '../../ports/message-store.ts';
import { heldLocks, heldQueues, remarksOf } from './held.ts';
import { createLocks, type Locks } from './locks.ts';
import type { Tell } from './tellers.ts';
import { createQueues, type Queues } from './queues/queues.ts';

export interface Exchange {
  readonly queues: Queues;
  readonly locks: Locks;
  /** For what a request has changed: the registries tell of all else themselves. */
  readonly tell: Tell;
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
  /** Of what users want to know. */
  readonly tell?: Tell;
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { clock, memory, durable, remarks = [], tell = () => undefined } = options;
  const queues = createQueues({ clock, memory, durable, remarks, tell });
  const locks = createLocks(clock, tell);
  return {
    tell,
    queues,
    locks,
    // Each registry has its place here.
    held: async () => [...(await heldQueues(queues)), ...heldLocks(locks)],
    remarks: () => remarksOf(queues),
    close() {
      locks.close();
      queues.close();
    },
  };
}
