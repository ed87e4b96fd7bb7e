/** What a store has to do, as simply as it can be said. */
import type { Change, FoundMessage } from '../../../src/core/exchange/queue/events.ts';

export class ModelStore {
  readonly rows = new Map<number, FoundMessage>();

  apply(changes: readonly Change[]): void {
    for (const change of changes) this.#apply(change);
  }

  /** In the order of the numbers. */
  found(): readonly FoundMessage[] {
    return [...this.rows.values()].sort((one, other) => one.seq - other.seq);
  }

  #apply(change: Change): void {
    const { seq } = change;
    const row = this.rows.get(seq);
    switch (change.type) {
      case 'add': {
        const { priority, key, limit, dueMs, bytes } = change;
        this.rows.set(seq, {
          ...{ seq, priority, key, limit, dueMs, bytes },
          ...{ attempts: 0, excused: 0, place: 'ready' },
        });
        return;
      }
      case 'remove':
        this.rows.delete(seq);
        return;
      case 'replace':
        if (row) this.rows.set(seq, { ...row, dueMs: change.dueMs ?? row.dueMs });
        return;
      case 'lease':
        if (row) this.rows.set(seq, { ...row, place: 'leased', attempts: change.attempts });
        return;
      case 'return': {
        const { attempts, excused, dueMs } = change;
        if (row)
          this.rows.set(seq, {
            ...row,
            attempts,
            excused,
            dueMs,
            place: attempts > 0 ? 'returned' : 'ready',
          });
        return;
      }
      case 'bury':
        if (row) this.rows.set(seq, { ...row, place: 'dead' });
        return;
      case 'revive':
        if (row) this.rows.set(seq, { ...row, place: 'returned', attempts: 0, excused: 0, dueMs: null });
        return;
    }
  }
}
