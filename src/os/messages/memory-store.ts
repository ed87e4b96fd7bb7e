/** Keeps messages in memory, for queues that need not outlive their supervisor. */
import type { Change } from '../../core/exchange/queue/events.ts';
import {
  StoreFull,
  type Epoch,
  type Failure,
  type MessageStore,
  type StoreChange,
} from '../../ports/message-store.ts';
import { Bodies } from './bodies.ts';

/** Of all messages together, with what V8 needs for each. */
const MOST_BYTES = 256 * 1024 * 1024;
const OVERHEAD_BYTES = 150;

export function createMemoryStore(epochs: readonly Epoch[], mostBytes = MOST_BYTES): MessageStore {
  const bodies = new Bodies();
  /** Of those that have any. */
  const failures = new Map<number, readonly Failure[]>();
  let bytes = 0;

  const remove = (seq: number): void => {
    const removed = bodies.delete(seq);
    if (removed === undefined) return;
    bytes -= removed + OVERHEAD_BYTES;
    if (failures.size > 0) failures.delete(seq);
  };

  const apply = (one: StoreChange): void => {
    if ('isDropped' in one) for (const seq of bodies.seqsOf(one.queue)) remove(seq);
    else if ('changes' in one) for (const each of one.changes) change(one.queue, each, one.wallMs);
  };

  const change = (queue: number, one: Change, wallMs: number): void => {
    const { seq } = one;
    switch (one.type) {
      case 'add':
        bodies.set(seq, queue, one.body, one.bytes);
        bytes += one.bytes + OVERHEAD_BYTES;
        return;
      case 'remove':
        remove(seq);
        return;
      case 'replace': {
        const before = bodies.get(seq);
        if (before === undefined) return;
        bodies.set(seq, before.queue, one.body, one.bytes);
        bytes += one.bytes - before.bytes;
        return;
      }
      case 'return':
      case 'bury':
        if (one.failure !== undefined && bodies.get(seq) !== undefined)
          failures.set(seq, [...(failures.get(seq) ?? []), failureOf(wallMs, one.failure)]);
        return;
      case 'lease':
      case 'revive':
        return;
    }
  };

  return {
    kind: 'memory',
    epochs,
    remarks: [],
    queues: () => [],
    found: () => [],
    write(changes) {
      const added = changes.reduce((sum, one) => sum + addedBytes(one), 0);
      if (added > 0 && bytes + added > mostBytes)
        throw new StoreFull(`the messages in memory would exceed ${String(mostBytes / 1024 / 1024)} MiB`);
      for (const change of changes) apply(change);
    },
    makeRoom: () => true,
    hasRoom: () => true,
    read: (seqs) =>
      seqs.map((seq) => {
        const body = bodies.bodyOf(seq);
        return body === undefined ? undefined : { body, failures: failures.get(seq) ?? NONE };
      }),
    close() {
      bodies.clear();
      failures.clear();
    },
  };
}

const NONE: readonly Failure[] = [];

function addedBytes(one: StoreChange): number {
  if (!('changes' in one)) return 0;
  let sum = 0;
  for (const change of one.changes)
    if (change.type === 'add' || change.type === 'replace') sum += change.bytes + OVERHEAD_BYTES;
  return sum;
}

export const failureOf = (wallMs: number, reason: string): Failure => ({
  time: new Date(wallMs).toISOString(),
  reason,
});
