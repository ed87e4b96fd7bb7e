/** `openQueue()` against a real supervisor, with the example of docs/queues.md as it stands. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openQueue } from '../../src/library/queue/queue.ts';
import { project } from '../helpers/daemon.ts';
import { DIST } from '../helpers/supervised.ts';

const IDLE = 'web: exec sleep infinity';

test('the example of the page', async () => {
  const app = project(IDLE);
  await app.up();
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/queues.md'), 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  app.write('main.mjs', example.replace("'procsup'", `'${DIST}'`));
  const env = { ...process.env, ...app.env };
  const main = join(app.root, 'main.mjs');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main], { cwd: app.root, env });
  expect([stdout, stderr]).toEqual(['1 1\n2 1\n3 1\n', '']);
});

test('text and bytes, leases that are lost, and a queue that is full', async () => {
  const app = project(IDLE);
  await app.up();
  const socket = app.owner()?.socket ?? '';
  const [one, other] = [await openQueue('q', { socket }), await openQueue('q', { socket })];
  await app.run('queue', 'set', 'q', '--backoff', '0', '--maxsize', '2');
  await one.put(['é', Uint8Array.of(255, 0)]);
  await expect(one.put('x', { waitMs: 0 })).rejects.toMatchObject({ name: 'QueueError', code: 'FULL' });
  const [first, second] = await other.get({ count: 5 });
  expect([first?.text, first?.attempt, [...(second?.bytes ?? [])]]).toEqual(['é', 1, [255, 0]]);
  await first?.nack({ reason: 'later' });
  const [again] = await one.get({ waitMs: 60_000 });
  expect(again).toMatchObject({ id: first?.id, attempt: 2 });
  await expect(first?.ack()).rejects.toMatchObject({ code: 'LEASE_LOST' });
  // There is room as soon as it is done.
  const waiting = one.put('z');
  await again?.ack();
  expect(await waiting).toHaveLength(1);
  other.close();
  const left: string[] = [];
  while (left.length < 2) {
    const messages = await one.get({ count: 2, waitMs: 60_000 });
    left.push(...messages.map(({ id }) => id));
    await Promise.all(messages.map((message) => message.ack()));
  }
  expect(left).toContain(second?.id);
  one.close();
});

test('a loop that is left gives back what it has not come to, with its attempts', async () => {
  const app = project(IDLE);
  await app.up();
  const socket = app.owner()?.socket ?? '';
  const [one, other] = [await openQueue('loop', { socket }), await openQueue('loop', { socket })];
  await app.run('queue', 'set', 'loop', '--attempts', '1');
  await one.put(Array.from({ length: 10 }, (_, at) => String(at)));
  const seen: string[] = [];
  for await (const message of one.messages({ count: 3 })) {
    seen.push(message.text);
    await message.ack();
    // Two batches are here by now.
    if (seen.length === 2) break;
  }
  const left: string[] = [];
  while (left.length < 8) {
    const messages = await other.get({ count: 10, waitMs: 60_000 });
    expect(messages.every(({ attempt }) => attempt <= 2)).toBe(true);
    left.push(...messages.map(({ text }) => text));
  }
  expect([...seen, ...left].sort()).toEqual(Array.from({ length: 10 }, (_, at) => String(at)));
  // They are with their reader once.
  expect(await one.get({ count: 10 })).toEqual([]);
  one.close();
  other.close();
});

test('without a supervisor it says so', async () => {
  await expect(openQueue('q', { socket: '/nonexistent/socket' })).rejects.toMatchObject({
    code: 'NO_SUPERVISOR',
  });
  await expect(openQueue('q', { root: '/' })).rejects.toMatchObject({ code: 'NO_SUPERVISOR' });
});
