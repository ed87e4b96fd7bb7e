import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/os/messages/memory-store.ts';
import { StoreFull } from '../../src/ports/message-store.ts';
import { nodeWithSqlite } from '../helpers/node-with-sqlite.ts';
import { CASES } from './message-store-cases.ts';

const EPOCHS = [{ firstSeq: 1, epoch: 'e' }];

test.each(Object.entries(CASES))('a store in memory %s', (_name, run) => {
  expect(() => run(() => createMemoryStore(EPOCHS))).not.toThrow();
});

test('a store in memory is full some time, and has room again', () => {
  const store = createMemoryStore(EPOCHS, 1000);
  const parts = { priority: 0, key: null, limit: null, dueMs: null, bytes: 400 } as const;
  const put = (seq: number) =>
    store.write([{ queue: 1, wallMs: 0, changes: [{ type: 'add', seq, body: 'x', ...parts }] }]);
  put(1);
  expect(() => put(2)).toThrow(StoreFull);
  store.write([{ queue: 1, wallMs: 0, changes: [{ type: 'remove', seq: 1 }] }]);
  put(2);
});

const NODE = nodeWithSqlite();

test.skipIf(NODE === undefined)('a store in SQLite passes the same cases, and its own', () => {
  const script = join(import.meta.dirname, '../fixtures/store-contract.ts');
  const output = execFileSync(NODE ?? '', ['--no-warnings', script], { encoding: 'utf8', timeout: 200_000 });
  expect(output).toBe('ok\n');
});
