/** Values, flags, barriers and channels of the built package, between real processes. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClient } from '../../src/control/client.ts';
import { scratch } from '../helpers/scratch.ts';
import { DIST, library, supervise } from '../helpers/supervised.ts';

async function setUp() {
  vi.stubEnv('XDG_STATE_HOME', join(scratch(), 'state'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const processes = { idle: 'exec sleep infinity' };
  const { supervisor } = await supervise({ root: scratch(), control: true, processes, restart: 'never' });
  vi.stubEnv('PROCSUP_SOCKET', supervisor.socket);
  return { supervisor, ...(await library()) };
}

function begin(script: string) {
  const source = `import * as procsup from '${DIST}';\n${script}`;
  const main = join(scratch({ 'main.mjs': source }), 'main.mjs');
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const status = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, status };
}

test('processes that increment a value lose nothing, and end by themselves', async () => {
  const { openValue } = await setUp();
  const script = `
    const sum = await procsup.openValue('sum');
    for (let n = 0; n < 200; n += 1) await sum.increment();`;
  expect(await Promise.all([1, 2].map(() => begin(script).status))).toEqual([0, 0]);
  await using sum = await openValue('sum');
  expect(await sum.get()).toBe(400);
  expect(await sum.compareAndSet(399, 'x')).toBe(false);
  expect(await sum.compareAndSet(400, 'x')).toBe(true);
  await expect(sum.increment()).rejects.toMatchObject({ name: 'ExchangeError', code: 'NOT_A_NUMBER' });
  expect([await sum.setIfMissing(1), await sum.remove(), await sum.remove()]).toEqual([false, true, false]);
  expect([await sum.get(), await sum.setIfMissing(1)]).toEqual([undefined, true]);
});

test('a slow watcher sees the latest value, and what it has skipped', async () => {
  const { openValue } = await setUp();
  const [writer, watcher] = [await openValue('v'), await openValue('v')];
  const seen: unknown[] = [];
  for await (const { value, skipped } of watcher.watch()) {
    seen.push([value, skipped]);
    if (value === 5) break;
    if (value === undefined) await writer.set(0);
    else for (let n = 1; n <= 5; n += 1) await writer.set(n);
  }
  expect(seen).toEqual([
    [undefined, 0],
    [0, 0],
    [5, 4],
  ]);
  const reached = watcher.until('there');
  await writer.set('there');
  await writer.set('gone');
  await reached;
  await expect(watcher.until(1, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('a flag is waited for, with a limit and an abort', async () => {
  const { openFlag } = await setUp();
  const [one, other] = [await openFlag('f'), await openFlag('f')];
  const waiting = one.wait();
  const controller = new AbortController();
  const aborted = one.wait({ signal: controller.signal });
  await expect(other.wait({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  controller.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  await other.set();
  await waiting;
  expect(await one.isSet()).toBe(true);
  await one.clear();
  expect(await other.isSet()).toBe(false);
  await expect(openFlag('f', { socket: '/nowhere' })).rejects.toMatchObject({ code: 'NO_SUPERVISOR' });
  const bad = await openFlag('a b');
  await expect(bad.set()).rejects.toMatchObject({ code: 'REFUSED' });
});

test('a process that is killed breaks the barrier, which can be used again', async () => {
  const { openBarrier, supervisor } = await setUp();
  const barrier = await openBarrier('b', 2);
  const { child } = begin(`await (await procsup.openBarrier('b', 3)).wait();`);
  const client = createClient(supervisor.socket ?? '');
  /** Until so many wait there: they ask over connections of their own, in any order. */
  const waits = async (count: number): Promise<void> => {
    for (let most = 0; most < count;) {
      const { body } = await client.get('/v1/barriers');
      most =
        (body as { readonly barriers: readonly { readonly waiting: number }[] }).barriers[0]?.waiting ?? 0;
    }
  };
  await waits(1);
  await expect(barrier.wait()).rejects.toMatchObject({ code: 'REFUSED' });
  const third = await openBarrier('b', 3);
  const broken = third.wait();
  broken.catch(() => undefined);
  await waits(2);
  child.kill('SIGKILL');
  await expect(broken).rejects.toMatchObject({ code: 'BROKEN' });
  const other = await openBarrier('b', 2);
  expect((await Promise.all([barrier.wait(), other.wait()])).sort()).toEqual([0, 1]);
});

test('a channel passes text and bytes, and ends with its last sender', async () => {
  const { openChannel } = await setUp();
  const [receiver, sender] = [await openChannel('c'), await openChannel('c')];
  await expect(sender.send('nobody', { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  const messages = Array.from({ length: 2500 }, (_, at) => `é${String(at)}`);
  const sent = sender.send(messages).then(() => sender.send(Uint8Array.of(0, 255)));
  const got: string[] = [];
  for await (const message of receiver.messages({ count: 1000 })) {
    got.push(message);
    if (got.length === 2500) break;
  }
  expect(got).toEqual(messages);
  const bytes: Uint8Array[] = [];
  const rest = (async () => {
    for await (const chunk of receiver.chunks()) bytes.push(chunk);
  })();
  await sent;
  await sender.end();
  await rest;
  expect(bytes.map((chunk) => [...chunk])).toEqual([[0, 255]]);
});

test('a broadcast receiver that leaves its loop keeps nobody waiting', async () => {
  const { openChannel } = await setUp();
  const [one, other, sender] = await Promise.all([1, 2, 3].map(() => openChannel('c')));
  if (one === undefined || other === undefined || sender === undefined) return expect.fail();
  const read = async (channel: typeof one, most: number) => {
    const got: string[] = [];
    for await (const message of channel.messages({ broadcast: true })) {
      got.push(message);
      if (got.length === most) break;
    }
    return got;
  };
  const both = [read(one, 1), read(other, 3)];
  while (receiversIn(await channelsOf()) < 2);
  await sender.send(['a', 'b', 'c']);
  expect(await Promise.all(both)).toEqual([['a'], ['a', 'b', 'c']]);
});

test('the end of the supervisor is told', async () => {
  const { supervisor, openFlag } = await setUp();
  const flag = await openFlag('f');
  const waiting = flag.wait();
  waiting.catch(() => undefined);
  expect(await flag.isSet()).toBe(false);
  await supervisor.close();
  await expect(waiting).rejects.toMatchObject({ code: 'NO_SUPERVISOR' });
});

type Listed = readonly { readonly receivers: number }[];
const receiversIn = ([first]: Listed): number => first?.receivers ?? 0;

async function channelsOf(): Promise<Listed> {
  const { connectSession } = await import('../../src/control/session/client.ts');
  const session = await connectSession(process.env['PROCSUP_SOCKET'] ?? '');
  const { channels } = (await session.ask('channel.ls', {})) as { readonly channels: Listed };
  session.close();
  return channels;
}
