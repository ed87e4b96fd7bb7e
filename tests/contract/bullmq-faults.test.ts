/** Queues in Redis when Redis is full, stopped, absent, or set up so that it loses messages. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseEngine } from '../../src/core/exchange/queue/engine.ts';
import { DEFAULT_RULES } from '../../src/core/exchange/queue/rules.ts';
import { connectQueue } from '../../src/os/bullmq/bull-queue.ts';
import { serverFacts, remarksOn } from '../../src/os/bullmq/server-facts.ts';
import type { QueueBackend, QueueClient } from '../../src/ports/queue-backend.ts';
import { startRedis, whyNoRedis, type RedisServer } from '../helpers/redis-server.ts';
import { scratch } from '../helpers/scratch.ts';

const CLIENT: QueueClient = { holder: undefined, gone: new AbortController().signal };
const RULES = { ...DEFAULT_RULES, attempts: 3, backoffMs: 1 };
const item = (body: string, key?: string) => ({
  body,
  bytes: body.length,
  ...(key !== undefined && { key }),
});

async function redisWith(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const redis = await startRedis(scratch(), settings);
  onTestFinished(() => redis.kill('SIGKILL'));
  return redis;
}

async function queueIn(url: string): Promise<QueueBackend> {
  const queue = await connectQueue('/', 'q', parseEngine(url) ?? expect.fail('no URL'), RULES);
  onTestFinished(() => queue.close());
  return queue;
}

describe.skipIf(whyNoRedis() !== undefined)(`Redis ${whyNoRedis() ?? ''}`, () => {
  test('that evicts is refused, and one without an append-only file is told', async () => {
    const redis = await redisWith({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' });
    const refused = queueIn(redis.url);
    await expect(refused).rejects.toMatchObject({ why: 'no-engine' });
    await expect(refused).rejects.toThrow("its 'maxmemory-policy' is 'allkeys-lru'");
    await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    const { isDurable, remarks } = await (await queueIn(redis.url)).info();
    expect({ isDurable, remarks }).toEqual({
      isDurable: false,
      remarks: [`${redis.url} may lose messages at a restart: its 'appendonly' is off`],
    });
  });

  test('that is not there is told in time, without its password', async () => {
    const failure = await queueIn('redis://ann:secret@127.0.0.1:1').catch((error: unknown) => error);
    expect(failure).toMatchObject({ why: 'no-engine' });
    expect(String(failure)).toMatch(/cannot connect to redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
    expect(String(failure)).not.toContain('secret');
  });

  test('that is full refuses messages, and readers wait until there is room', async () => {
    const redis = await redisWith();
    const queue = await queueIn(redis.url);
    await queue.put([item('x')], 0, CLIENT);
    await redis.ask('CONFIG', 'SET', 'maxmemory', '1000000');
    await expect(queue.put([item('y'.repeat(1000))], 0, CLIENT)).rejects.toMatchObject({
      why: 'not-written',
    });
    const reading = queue.get(1, 60_000, Infinity, CLIENT);
    await expect.poll(async () => (await queue.info()).remarks.join(), { timeout: 60_000 }).toMatch(/OOM/);
    await redis.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect((await reading).map(({ body }) => body)).toEqual(['x']);
    expect((await queue.info()).remarks).toEqual([]);
  });

  test('that hangs leaves it open whether a message was put, and a key makes it once', async () => {
    const redis = await redisWith();
    const queue = await queueIn(redis.url);
    process.kill(redis.pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(redis.pid, 'SIGCONT'));
    await expect(queue.put([item('x', 'k')], 0, CLIENT)).rejects.toMatchObject({ why: 'not-known' });
    process.kill(redis.pid, 'SIGCONT');
    await queue.put([item('x', 'k')], 0, CLIENT);
    expect((await queue.info()).ready).toBe(1);
  });

  test('that is killed and comes back has what was answered, and readers go on', async () => {
    const redis = await redisWith({ appendfsync: 'always' });
    const queue = await queueIn(redis.url);
    await queue.put([item('a'), item('b')], 0, CLIENT);
    const [first] = await queue.get(1, 60_000, Infinity, CLIENT);
    await redis.kill('SIGKILL');
    const reading = queue.get(1, 60_000, Infinity, CLIENT);
    await redis.start();
    expect((await reading)[0]?.body).toBe('b');
    expect(await queue.ack([first?.lease ?? ''])).toEqual([]);
  });

  test('other programs of BullMQ share the queue', async () => {
    const redis = await redisWith();
    const queue = await queueIn(redis.url);
    const { Queue } = await import('bullmq');
    const theirs = new Queue('q', { connection: { host: '127.0.0.1', port: redis.port } });
    onTestFinished(() => theirs.close());
    await theirs.add('resize', { path: 'a.png' });
    const [given] = await queue.get(1, 60_000, Infinity, CLIENT);
    expect([given?.body, given?.attempt]).toEqual(['{"path":"a.png"}', 1]);
    await queue.nack([given?.lease ?? ''], { failure: 'x', again: false });
    const [again] = await queue.get(1, 60_000, Infinity, CLIENT);
    expect([again?.body, again?.attempt]).toEqual(['{"path":"a.png"}', 2]);
  });
});

test('a clock that is off is measured, and told above a second', () => {
  const info =
    'redis_version:7.0.15\r\nserver_time_usec:1000002500000\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n';
  const facts = serverFacts(info, 1_000_000_000);
  expect(facts).toEqual({
    ...{ version: '7.0.15', isDurable: true, evictionPolicy: 'noeviction', offsetMs: 2500 },
  });
  expect(remarksOn(facts, 'redis://h:1')).toEqual([
    'the clock of redis://h:1 is 2.5 s ahead of ours: delays are as much off',
  ]);
  expect(remarksOn(serverFacts(info, 1_000_002_000), 'redis://h:1')).toEqual([]);
});
