/** Locks of the built package, between real processes. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { scratch } from '../helpers/scratch.ts';
import { DIST, library, supervise } from '../helpers/supervised.ts';

const run = promisify(execFile);

async function setUp() {
  vi.stubEnv('XDG_STATE_HOME', join(scratch(), 'state'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const processes = { idle: 'exec sleep infinity' };
  const { supervisor } = await supervise({ root: scratch(), control: true, processes, restart: 'never' });
  const { locks } = await library();
  vi.stubEnv('PROCSUP_SOCKET', supervisor.socket);
  const users = async (kind: 'holders' | 'waiting') => {
    const [lock] = await locks.query();
    return lock?.[kind].length ?? 0;
  };
  return { supervisor, locks, users, socket: supervisor.socket };
}

function programIn(script: string): string {
  const source = `import { locks } from '${DIST}';\n${script}`;
  return join(scratch({ 'main.mjs': source }), 'main.mjs');
}

test('processes that read, think and write lose nothing', async () => {
  await setUp();
  const file = join(scratch({ sum: '0' }), 'sum');
  const main = programIn(`
    import { readFileSync, writeFileSync } from 'node:fs';
    for (let n = 0; n < 50; n += 1) {
      await locks.request('sum', async () => {
        const sum = Number(readFileSync('${file}', 'utf8'));
        await new Promise(setImmediate);
        writeFileSync('${file}', String(sum + 1));
      });
    }`);
  await Promise.all([1, 2, 3].map(() => run(process.execPath, [main])));
  expect(readFileSync(file, 'utf8')).toBe('150');
});

test('a holder that is killed gives it up, and the next one, alone, is told', async () => {
  const { locks, users } = await setUp();
  const main = programIn(`await locks.request('a', () => new Promise(() => setInterval(() => {}, 1000)));`);
  const child = spawn(process.execPath, [main], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let held = 0;
  while (held === 0) held = await users('holders');
  // Stopped, it keeps it.
  child.kill('SIGSTOP');
  const told: (boolean | null)[] = [];
  await locks.request('a', { ifAvailable: true }, (lock) => void told.push(lock?.abandoned ?? null));
  const next = locks.request('a', (lock) => void told.push(lock.abandoned));
  const last = locks.request('a', (lock) => void told.push(lock.abandoned));
  while ((await users('waiting')) < 2);
  child.kill('SIGKILL');
  await Promise.all([next, last]);
  expect(told).toEqual([null, true, false]);
});

test('readers share it, slots are counted, and the callback has the result', async () => {
  const { locks } = await setUp();
  let most = 0;
  let now = 0;
  const enter = async (): Promise<number> => {
    most = Math.max(most, (now += 1));
    await new Promise(setImmediate);
    now -= 1;
    return 7;
  };
  const results = await Promise.all([1, 2, 3, 4].map(() => locks.request('s', { slots: 2 }, enter)));
  expect({ results, most }).toEqual({ results: [7, 7, 7, 7], most: 2 });
  const both = await locks.request('r', { mode: 'shared' }, () =>
    locks.request('r', { mode: 'shared', timeoutMs: 60_000 }, () => 'both'),
  );
  expect(both).toBe('both');
});

test('an abort, a time limit and an error leave nothing held', async () => {
  const { locks, users } = await setUp();
  const controller = new AbortController();
  await locks.request('a', async () => {
    const aborted = locks.request('a', { signal: controller.signal }, () => 1);
    while ((await users('waiting')) === 0);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(locks.request('a', { timeoutMs: 5 }, () => 1)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await users('waiting')).toBe(0);
  });
  await expect(
    locks.request('a', () => {
      throw new Error('mine');
    }),
  ).rejects.toThrow('mine');
  expect(await locks.query()).toEqual([]);
  await expect(locks.request('a b', () => 1)).rejects.toMatchObject({ code: 'REFUSED' });
  await expect(locks.request('a', { socket: '/nowhere' }, () => 1)).rejects.toMatchObject({
    code: 'NO_SUPERVISOR',
  });
});

test('the end of the supervisor is told while the callback runs', async () => {
  const { supervisor, locks } = await setUp();
  let wasAborted = false;
  const held = locks.request('a', async ({ lost }) => {
    void supervisor.close();
    await until(() => lost.aborted, 'it is told');
    wasAborted = true;
  });
  await expect(held).rejects.toMatchObject({ code: 'LOST' });
  expect(wasAborted).toBe(true);
});
