/** What processes exchange through their supervisor. It is made at the first request for any of it. */
import type { HeldThing } from '../../core/exchange/held.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MessageStore } from '../../ports/message-store.ts';
import { createBarriers, type Barriers } from './barriers.ts';
import { createChannels, type Channels } from './channels.ts';
import { createFlags, type Flags } from './flags.ts';
import {
  heldBarriers,
  heldChannels,
  heldFlags,
  heldLocks,
  heldQueues,
  heldValues,
  remarksOf,
} from './held.ts';
import type { Holder } from './holder.ts';
import { createLocks, type Locks } from './locks.ts';
import { createQueues, type Queues } from './queues/queues.ts';
import { createValues, type Values } from './values.ts';

export interface Exchange {
  readonly queues: Queues;
  readonly locks: Locks;
  readonly values: Values;
  readonly flags: Flags;
  readonly barriers: Barriers;
  readonly channels: Channels;
  /** What waits in this session by this token, for anything but locks, is given up. */
  cancel(token: number, holder: Holder): void;
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
  const values = createValues(clock);
  const flags = createFlags(clock);
  const barriers = createBarriers(clock);
  const channels = createChannels(clock);
  const waited = [values, flags, barriers, channels];
  return {
    queues,
    locks,
    values,
    flags,
    barriers,
    channels,
    cancel(token, holder) {
      for (const each of waited) each.cancel(token, holder);
    },
    // One line for each registry.
    held: async () => [
      ...(await heldQueues(queues)),
      ...heldLocks(locks),
      ...heldValues(values),
      ...heldFlags(flags),
      ...heldBarriers(barriers),
      ...heldChannels(channels),
    ],
    remarks: () => remarksOf(queues),
    close() {
      locks.close();
      for (const each of waited) each.close();
      queues.close();
    },
  };
}
