import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEngine } from '../../src/core/exchange/queue/engine.ts';
import { DEFAULT_RULES } from '../../src/core/exchange/queue/rules.ts';
import { createMemoryStore } from '../../src/os/messages/memory-store.ts';
import { connectQueue } from '../../src/os/bullmq/bull-queue.ts';
import type { QueueBackend } from '../../src/ports/queue-backend.ts';
import { localQueues } from '../helpers/local-queue.ts';
import { nodeWithSqlite } from '../helpers/node-with-sqlite.ts';
import { startRedis, whyNoRedis, type RedisServer } from '../helpers/redis-server.ts';
import { CASES, type Traits } from './queue-backend-cases.ts';

const OURS: Traits = { returned: 'first', hasAll: true };
const BULLMQ: Traits = { returned: 'last', hasAll: false };

test.each(Object.entries(CASES))('in memory: %s', async (_name, run) => {
  const queues = localQueues(createMemoryStore([{ firstSeq: 1, epoch: 'e' }]));
  await expect(run(() => queues.open(), OURS)).resolves.toBeUndefined();
  queues.close();
});

const NODE = nodeWithSqlite();

test.skipIf(NODE === undefined)('in SQLite the same cases pass', () => {
  const script = join(import.meta.dirname, '../fixtures/queue-contract.ts');
  const output = execFileSync(NODE ?? '', ['--no-warnings', script], { encoding: 'utf8', timeout: 200_000 });
  expect(output).toBe('ok\n');
});

describe.skipIf(whyNoRedis() !== undefined)(`in Redis by BullMQ ${whyNoRedis() ?? ''}`, () => {
  let redis: RedisServer;
  let directory: string;
  let count = 0;
  const opened: QueueBackend[] = [];
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'procsup-test-'));
    redis = await startRedis(directory);
  });
  afterAll(async () => {
    for (const queue of opened) queue.close();
    await redis.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const open = async (name = `q${String((count += 1))}`): Promise<QueueBackend> => {
    const engine = parseEngine(redis.url) ?? expect.fail('no URL');
    const queue = await connectQueue('/', name, engine, { ...DEFAULT_RULES, attempts: 3, backoffMs: 1 });
    opened.push(queue);
    return queue;
  };

  test.each(Object.entries(CASES))('%s', async (_name, run) => {
    await expect(run(() => open(), BULLMQ)).resolves.toBeUndefined();
  });
});
