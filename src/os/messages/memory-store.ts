/** Keeps messages in memory, for queues that need not outlive their supervisor. */
import type { Change, MessageBody } from '../../core/exchange/queue/events.ts';
import {
  StoreFull,
  type Epoch,
  type Failure,
  type MessageStore,
  type StoreChange,
} from '../../ports/message-store.ts';

/** Of all messages together, with what V8 needs for each. */
const MOST_BYTES = 256 * 1024 * 1024;
const OVERHEAD_BYTES = 150;

interface Row {
  readonly queue: number;
  body: MessageBody;
  bytes: number;
  failures: readonly Failure[];
}

export function createMemoryStore(epochs: readonly Epoch[], mostBytes = MOST_BYTES): MessageStore {
  const rows = new Map<number, Row>();
  let bytes = 0;

  const remove = (seq: number): void => {
    const row = rows.get(seq);
    if (row === undefined) return;
    rows.delete(seq);
    bytes -= row.bytes + OVERHEAD_BYTES;
  };

  const apply = (one: StoreChange): void => {
    if ('isDropped' in one) {
      for (const [seq, { queue }] of rows) if (queue === one.queue) remove(seq);
    } else if ('changes' in one) for (const each of one.changes) change(one.queue, each, one.wallMs);
  };

  const change = (queue: number, change: Change, wallMs: number): void => {
    const row = rows.get(change.seq);
    switch (change.type) {
      case 'add':
        rows.set(change.seq, { queue, body: change.body, bytes: change.bytes, failures: NONE });
        bytes += change.bytes + OVERHEAD_BYTES;
        return;
      case 'remove':
        remove(change.seq);
        return;
      case 'replace':
        if (row === undefined) return;
        bytes += change.bytes - row.bytes;
        row.body = change.body;
        row.bytes = change.bytes;
        return;
      case 'return':
      case 'bury':
        if (row !== undefined && change.failure !== undefined)
          row.failures = [...row.failures, failureOf(wallMs, change.failure)];
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
    read: (seqs) => seqs.map((seq) => rows.get(seq)),
    close: () => rows.clear(),
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
