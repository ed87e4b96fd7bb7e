/**
 * Keeps messages in one SQLite file, by whatever opens one.
 *
 * The rules behind it were measured with both libraries. We are the only opener, by an exclusive lock that is taken before
 * anything is read: that needs no -shm, and so opens on a full disk. WAL and FULL: what is committed is there after a
 * SIGKILL and after a power cut. Checkpoints are frequent, for a long log makes acknowledgements need room on a full disk;
 * the ballast is a file that is given up then, so that work can end. The log is never touched: SQLite does not notice
 * when it is damaged, so a counter of commits beside the file tells at the next opening.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundMessage, MessageBody } from '../../core/exchange/queue/events.ts';
import {
  StoreFull,
  type Epoch,
  type Failure,
  type MessageStore,
  type QueueSettings,
  type StoredQueue,
} from '../../ports/message-store.ts';
import { isFull, type OpenDatabase, type SqliteDatabase } from './sqlite-database.ts';
import { STORE_FILE } from './store-file.ts';
import { createChanges } from './sqlite-changes.ts';

const BALLAST_BYTES = 1024 * 1024;
const PAGE = 1000;

export interface SqliteStoreOptions {
  readonly open: OpenDatabase;
  readonly directory: string;
  /** Of this opening, and random. */
  readonly epoch: string;
}

const SETUP = `
  PRAGMA locking_mode = exclusive;
  PRAGMA busy_timeout = 100;
  PRAGMA journal_mode = wal;
  PRAGMA synchronous = full;
  PRAGMA wal_autocheckpoint = 100;
  PRAGMA journal_size_limit = 1048576;
`;
const TABLES = `
  CREATE TABLE IF NOT EXISTS queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, settings TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, place TEXT NOT NULL, body NOT NULL, bytes INTEGER NOT NULL,
    priority INTEGER NOT NULL, key TEXT, most INTEGER, due INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
    excused INTEGER NOT NULL DEFAULT 0, failures TEXT);
  CREATE TABLE IF NOT EXISTS epochs (first INTEGER PRIMARY KEY, epoch TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS commits (one INTEGER PRIMARY KEY, count INTEGER NOT NULL);
  INSERT OR IGNORE INTO commits VALUES (1, 0);
`;

/** Throws where the file cannot be opened: it is never replaced by a new one. */
export function openSqliteStore({ open, directory, epoch }: SqliteStoreOptions): MessageStore {
  const path = join(directory, STORE_FILE);
  const ballast = join(directory, 'queues.ballast');
  // SQLite would let others read it; the log takes its mode from it.
  closeSync(openSync(path, 'a', 0o600));
  const db = open(path);
  try {
    db.exec(SETUP);
    if (!hasTables(db)) db.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`);
  } catch (error) {
    db.close();
    throw isFull(error) ? new StoreFull('no room on the disk') : error;
  }
  const counter = openCounter(join(directory, 'queues.commits'));
  let commits = countOf(db);
  const remarks = remarksFor(counter.before, commits, path);
  let hasBallast = makeBallast(ballast);
  let triedMs = 0;
  const apply = createChanges(db);
  const countCommit = db.prepare('UPDATE commits SET count = ? WHERE one = 1');

  const commit = (deed: () => void): void => {
    db.exec('BEGIN IMMEDIATE');
    try {
      deed();
      countCommit.run(commits + 1);
      db.exec('COMMIT');
    } catch (error) {
      // SQLite may have rolled back by itself, and a second one is an error then.
      try {
        db.exec('ROLLBACK');
      } catch {
        // It has.
      }
      throw isFull(error) ? new StoreFull('no room on the disk') : error;
    }
    commits += 1;
    counter.write(commits);
  };

  const makeRoom = (): boolean => {
    rmSync(ballast, { force: true });
    hasBallast = false;
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      return false;
    }
    return true;
  };

  const epochs = beginEpoch(db, epoch, (deed) => {
    try {
      commit(deed);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      makeRoom();
      commit(deed);
    }
  });
  const bodies = db.prepare('SELECT body, failures FROM messages WHERE seq = ?');

  return {
    kind: 'sqlite',
    epochs,
    remarks,
    queues: () => db.prepare('SELECT id, name, settings FROM queues ORDER BY id').all().map(queueOf),
    found: (queue) => foundIn(db, queue),
    write: (changes) => commit(() => changes.forEach(apply)),
    makeRoom,
    hasRoom() {
      const nowMs = Date.now();
      if (hasBallast || nowMs - triedMs < 1000) return hasBallast;
      triedMs = nowMs;
      return (hasBallast = makeBallast(ballast));
    },
    read: (seqs) =>
      seqs.map((seq) => {
        const row = bodies.get(seq) as
          { readonly body: MessageBody; readonly failures: string | null } | undefined;
        return row && { body: row.body, failures: failuresIn(row.failures) };
      }),
    close() {
      counter.close();
      db.close();
    },
  };
}

const hasTables = (db: SqliteDatabase): boolean =>
  db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'commits'").get() !== undefined;

const countOf = (db: SqliteDatabase): number =>
  (db.prepare('SELECT count FROM commits').get() as { readonly count: number } | undefined)?.count ?? 0;

const queueOf = (row: unknown): StoredQueue => {
  const { id, name, settings } = row as {
    readonly id: number;
    readonly name: string;
    readonly settings: string;
  };
  return { id, name, settings: JSON.parse(settings) as QueueSettings };
};

/** No message takes a number below it, whatever was lost since. */
function beginEpoch(db: SqliteDatabase, epoch: string, commit: (deed: () => void) => void): readonly Epoch[] {
  const { last } = db
    .prepare(
      'SELECT max((SELECT coalesce(max(seq), 0) FROM messages), (SELECT coalesce(max(first), 0) FROM epochs)) AS last',
    )
    .get() as { readonly last: number };
  const { oldest } = db.prepare('SELECT min(seq) AS oldest FROM messages').get() as {
    readonly oldest: number | null;
  };
  commit(() => {
    db.prepare('INSERT INTO epochs VALUES (?, ?)').run(last + 1, epoch);
    // Those whose messages are all gone.
    db.prepare('DELETE FROM epochs WHERE first < (SELECT max(first) FROM epochs WHERE first <= ?)').run(
      oldest ?? last + 1,
    );
  });
  return db
    .prepare('SELECT first, epoch FROM epochs ORDER BY first')
    .all()
    .map((row) => {
      const { first, epoch: name } = row as { readonly first: number; readonly epoch: string };
      return { firstSeq: first, epoch: name };
    });
}

/** Page by page: a long reader would keep the log from being shortened. */
function* foundIn(db: SqliteDatabase, queue: number): Generator<FoundMessage> {
  const page = db.prepare(
    `SELECT seq, place, bytes, priority, key, most AS "limit", due AS dueMs, attempts, excused FROM messages
     WHERE queue = ? AND seq > ? ORDER BY seq LIMIT ${String(PAGE)}`,
  );
  for (let after = 0; ;) {
    const rows = page.all(queue, after) as readonly FoundMessage[];
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

function failuresIn(text: string | null): readonly Failure[] {
  if (text === null) return [];
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Failure);
}

function makeBallast(path: string): boolean {
  try {
    writeFileSync(path, Buffer.alloc(BALLAST_BYTES, 1), { mode: 0o600 });
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}

interface Counter {
  readonly before: number;
  write(count: number): void;
  close(): void;
}

function openCounter(path: string): Counter {
  let before = 0;
  try {
    before = Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    // There was none yet.
  }
  let fd: number | undefined;
  try {
    fd = openSync(path, 'a+', 0o600);
    closeSync(fd);
    fd = openSync(path, 'r+');
  } catch {
    // Without it a loss is not noticed; the messages are kept all the same.
  }
  return {
    before,
    write(count) {
      try {
        if (fd !== undefined) writeSync(fd, String(count).padStart(16), 0);
      } catch {
        // On a full disk it lags behind.
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

function remarksFor(before: number, commits: number, path: string): readonly string[] {
  if (before <= commits) return [];
  return [
    `${path} has lost its last ${String(before - commits)} commits: it or its -wal file was damaged, removed or replaced`,
  ];
}
