/**
 * What an SQLite store holds at its opening. Page by page: a long reader would keep the log from being shortened. Most messages
 * have nothing special about them, and SQLite counts those ten times as fast as it could give out their rows.
 */
import type { FoundMessage, FoundRun } from '../../core/exchange/queue/events.ts';
import type { FoundPage } from '../../ports/message-store.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const PAGE = 1000;

const PLAIN = `(place = 'ready' AND priority = 0 AND key IS NULL AND most IS NULL AND due IS NULL)`;
const COLUMNS = `queue, seq, place, bytes, priority, key, most AS "limit", due AS dueMs, attempts, excused`;

interface Count extends FoundRun {
  readonly queue: number;
  readonly count: number;
}

export function* foundIn(db: SqliteDatabase): Generator<FoundPage> {
  const endOf = db.prepare(
    `SELECT max(seq) AS last FROM (SELECT seq FROM messages WHERE seq > ? ORDER BY seq LIMIT ${String(PAGE)})`,
  );
  const counts = db.prepare(
    `SELECT queue, count(*) AS count, min(seq) AS first, max(seq) AS last, max(bytes) AS bytes FROM messages
     WHERE seq > ? AND seq <= ? AND ${PLAIN} GROUP BY queue`,
  );
  const special = db.prepare(`SELECT ${COLUMNS} FROM messages WHERE seq > ? AND seq <= ? AND NOT ${PLAIN}`);
  const scattered = db.prepare(
    `SELECT ${COLUMNS} FROM messages WHERE seq >= ? AND seq <= ? AND queue = ? AND ${PLAIN}`,
  );
  for (let after = 0; ;) {
    const { last } = endOf.get(after) as { readonly last: number | null };
    if (last === null) return;
    const parts: FoundPage[number][] = [
      ...(special.all(after, last) as readonly (FoundMessage & { readonly queue: number })[]),
    ];
    for (const { queue, count, first, last: end, bytes } of counts.all(after, last) as readonly Count[])
      if (count === end - first + 1) parts.push({ queue, first, last: end, bytes });
      else parts.push(...(scattered.all(first, end, queue) as typeof parts));
    yield parts.sort((one, other) => startOf(one) - startOf(other));
    after = last;
  }
}

const startOf = (one: FoundPage[number]): number => ('last' in one ? one.first : one.seq);
