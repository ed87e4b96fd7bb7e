/** What the registries list, as plain facts. */
import { MOST_HOLDERS, type HeldLock, type HeldQueue } from '../../core/exchange/held.ts';
import type { Locks } from './locks.ts';
import type { Queues } from './queues/queues.ts';

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

/** What is wrong, a sentence each. */
export const remarksOf = ({ storage, problem }: Pick<Queues, 'storage' | 'problem'>): readonly string[] => [
  ...storage.remarks,
  ...(problem === undefined ? [] : [`cannot write: ${problem.message}`]),
];
