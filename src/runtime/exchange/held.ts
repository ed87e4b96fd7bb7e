/** What the registries list, as plain facts. */
import {
  MOST_HOLDERS,
  type HeldBarrier,
  type HeldChannel,
  type HeldFlag,
  type HeldLock,
  type HeldQueue,
  type HeldValue,
} from '../../core/exchange/held.ts';
import type { Barriers } from './barriers.ts';
import type { Channels } from './channels.ts';
import type { Flags } from './flags.ts';
import type { Locks } from './locks.ts';
import type { Queues } from './queues/queues.ts';
import type { Values } from './values.ts';

export async function heldQueues(queues: Pick<Queues, 'list' | 'storage'>): Promise<readonly HeldQueue[]> {
  const all = await queues.list();
  return all.map(
    ({ name, ready, delayed, leased, dead, readers, writers, maxsize, isPaused, isDurable }) => ({
      ...({ kind: 'queue', name } as const),
      ...{ ready, delayed, leased, dead, readers, writers, maxsize, paused: isPaused },
      store: isDurable ? queues.storage.kind : 'memory',
    }),
  );
}

export function heldLocks(locks: Pick<Locks, 'list'>): readonly HeldLock[] {
  return locks.list().map(({ name, slots, abandoned, holders, waiting }) => ({
    ...({ kind: 'lock', name, slots } as const),
    ...{ held: holders.length, waiting: waiting.length, abandoned },
    holders: holders.slice(0, MOST_HOLDERS).map(({ pid, command }) => ({ pid, command })),
  }));
}

export const heldValues = (values: Pick<Values, 'list'>): readonly HeldValue[] =>
  values
    .list()
    .map(({ name, version, size, watchers }) => ({ kind: 'value', name, version, size, watchers }));

export const heldFlags = (flags: Pick<Flags, 'list'>): readonly HeldFlag[] =>
  flags.list().map(({ name, set, waiting }) => ({ kind: 'flag', name, set, waiting: waiting.length }));

export const heldBarriers = (barriers: Pick<Barriers, 'list'>): readonly HeldBarrier[] =>
  barriers
    .list()
    .map(({ name, parties, waiting }) => ({ kind: 'barrier', name, parties, waiting: waiting.length }));

export const heldChannels = (channels: Pick<Channels, 'list'>): readonly HeldChannel[] =>
  channels.list().map((one) => ({ kind: 'channel', ...one }));

/** What is wrong, a sentence each. */
export const remarksOf = ({ storage, problem }: Pick<Queues, 'storage' | 'problem'>): readonly string[] => [
  ...storage.remarks,
  ...(problem === undefined ? [] : [`cannot write: ${problem.message}`]),
];
