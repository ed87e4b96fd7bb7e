/** The changes of a store as statements. */
import type { Change } from '../../core/exchange/queue/events.ts';
import type { StoreChange } from '../../ports/message-store.ts';
import { failureOf } from './memory-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Returns what carries out one change in the transaction that is open. */
export function createChanges(db: SqliteDatabase): (one: StoreChange) => void {
  const add = db.prepare(
    `INSERT INTO messages (seq, queue, place, body, bytes, priority, key, most, due) VALUES (?, ?, 'ready', ?, ?, ?, ?, ?, ?)`,
  );
  const remove = db.prepare('DELETE FROM messages WHERE seq = ?');
  const replace = db.prepare('UPDATE messages SET body = ?, bytes = ?, due = coalesce(?, due) WHERE seq = ?');
  const lease = db.prepare("UPDATE messages SET place = 'leased', attempts = ? WHERE seq = ?");
  const giveBack = db.prepare(
    `UPDATE messages SET place = ?, attempts = ?, excused = ?, due = ?,
     failures = CASE WHEN ? IS NULL THEN failures ELSE coalesce(failures, '') || ? END WHERE seq = ?`,
  );
  const bury = db.prepare(
    "UPDATE messages SET place = 'dead', failures = coalesce(failures, '') || ? WHERE seq = ?",
  );
  const revive = db.prepare(
    "UPDATE messages SET place = 'returned', attempts = 0, excused = 0, due = NULL, failures = NULL WHERE seq = ?",
  );
  const set = db.prepare(
    'INSERT INTO queues VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET settings = excluded.settings',
  );
  const dropMessages = db.prepare('DELETE FROM messages WHERE queue = ?');
  const drop = db.prepare('DELETE FROM queues WHERE id = ?');

  const change = (queue: number, one: Change, wallMs: number): void => {
    const { seq } = one;
    switch (one.type) {
      case 'add':
        add.run(seq, queue, one.body, one.bytes, one.priority, one.key, one.limit, one.dueMs);
        return;
      case 'remove':
        remove.run(seq);
        return;
      case 'replace':
        replace.run(one.body, one.bytes, one.dueMs, seq);
        return;
      case 'lease':
        lease.run(one.attempts, seq);
        return;
      case 'return': {
        const { attempts, excused, dueMs, failure } = one;
        const line = failure === undefined ? null : lineOf(wallMs, failure);
        // One that was not handed out is as it was before its first run.
        giveBack.run(attempts > 0 ? 'returned' : 'ready', attempts, excused, dueMs, line, line, seq);
        return;
      }
      case 'bury':
        bury.run(lineOf(wallMs, one.failure), seq);
        return;
      case 'revive':
        revive.run(seq);
        return;
    }
  };

  return (one) => {
    if ('changes' in one) for (const each of one.changes) change(one.queue, each, one.wallMs);
    else if ('isDropped' in one) {
      dropMessages.run(one.queue);
      drop.run(one.queue);
    } else set.run(one.queue, one.name, JSON.stringify(one.settings));
  };
}

const lineOf = (wallMs: number, reason: string): string => `${JSON.stringify(failureOf(wallMs, reason))}\n`;
