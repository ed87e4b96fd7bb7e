/** Pools of real workers: wherever one dies, one task is lost, and none hangs. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPool, type Pool, type PoolOptions } from '../../src/index.ts';
import { inTime, until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { scratch } from '../helpers/scratch.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../fixtures/functions.mjs');

function poolOf(name: string, options: Partial<PoolOptions> = {}): Pool {
  return made({ module: { file: FUNCTIONS, export: name }, size: 2, ...options } as PoolOptions);
}

function made(options: PoolOptions): Pool {
  const pool = createPool(options);
  onTestFinished(() => inTime(pool.terminate(), 'the pool ends'));
  return pool;
}

describe('a death costs the task that was begun, and no other', () => {
  const died = (exit: object) => ({ name: 'WorkerDiedError', code: 'WORKER_DIED', exit });
  test.each<[how: string, error: object]>([
    ['exit 0', died({ code: 0 })],
    ['exit 3', died({ code: 3 })],
    ['SIGKILL', died({ signal: 'SIGKILL' })],
    ['SIGSEGV', died({ signal: 'SIGSEGV' })],
    ['throws later', died({ code: 1 })],
    ['dies while its result is read', died({ signal: 'SIGKILL' })],
    ['dies after a part of its result', died({ signal: 'SIGKILL' })],
    ['throw', { code: 'THREW', cause: { name: 'RangeError', message: 'thrown' } }],
    ['returns a function', { code: 'THREW', cause: { message: '() => 1 could not be cloned.' } }],
  ])('%s', async (how, error) => {
    const pool = poolOf('act', { size: 1 });
    const task = { how };
    const others = [1, 2, 3, 4, 5].map((value) => ({ value }));
    const all = [...others.slice(0, 2), task, ...others.slice(2)].map((each) => pool.run(each));
    const settled = await inTime(Promise.allSettled(all), 'all are settled');
    const failures = settled.filter(({ status }) => status === 'rejected');
    expect(failures).toMatchObject([{ reason: error }]);
    expect(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(await pool.run({ value: 'again' })).toBe('again');
    await inTime(pool.close(), 'it ends');
  });

  test('one that is stopped, with a timeout', async () => {
    const pool = poolOf('act', { size: 1 });
    await expect(pool.run({ how: 'SIGSTOP' }, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await pool.run({ value: 1 })).toBe(1);
  });

  test('a value without a structured clone', async () => {
    const pool = poolOf('same', { size: 1 });
    const all = await Promise.allSettled([pool.run(1), pool.run(() => 1), pool.run(2)]);
    expect(all).toMatchObject([{ value: 1 }, { reason: { code: 'THREW' } }, { value: 2 }]);
  });

  test('on its exit', async () => {
    const pool = poolOf('onExitDies', { size: 1, recycleAfter: 1 });
    expect(await pool.map([1, 2, 3])).toEqual([undefined, undefined, undefined]);
  });
});

test.each(['initFails', 'initDies', 'missing'])(
  'after five deaths in %s the pool has failed',
  async (init) => {
    const pool = poolOf('same', { init });
    const settled = await inTime(Promise.allSettled([pool.run(1), pool.run(2)]), 'all are settled');
    expect(settled).toMatchObject([{ reason: { code: 'FAILED' } }, { reason: { code: 'FAILED' } }]);
    await expect(pool.run(3)).rejects.toMatchObject({ code: 'FAILED' });
    await pool.close();
  },
);

test('retries are counted', async () => {
  const pool = poolOf('act', { size: 1 });
  await expect(pool.run({ how: 'exit 3' }, { retries: 2 })).rejects.toMatchObject({ exit: { code: 3 } });
  expect(await pool.run({ value: 1 })).toBe(1);
});

test('abort kills the worker that carries it out, and only that task fails', async () => {
  const pool = poolOf('act', { size: 1 });
  const abort = new AbortController();
  const hanging = pool.run({ how: 'SIGSTOP' }, { signal: abort.signal });
  const other = pool.run({ value: 1 });
  setTimeout(() => abort.abort(new Error('enough')), 100);
  await expect(hanging).rejects.toThrow('enough');
  expect(await other).toBe(1);
});

test('a worker is replaced after so many tasks', async () => {
  const pids = (await poolOf('whoAmI', { size: 1, recycleAfter: 2 }).map([1, 2, 3, 4])) as readonly number[];
  expect(new Set(pids).size).toBe(2);
  await until(() => !isAlive(pids[0] ?? 0), 'the first one is gone');
});

test.runIf(process.platform === 'linux')('a worker that takes too much memory is replaced', async () => {
  const pool = poolOf('grow', { size: 1, maxMemoryBytes: 300_000_000 });
  const first = await pool.run(400_000_000);
  await until(() => pool.workers === 0, 'the first one is gone');
  expect(await pool.run(1)).not.toBe(first);
});

test('one that has nothing to do is ended', async () => {
  const pool = poolOf('same', { idleMs: 20 });
  expect(await pool.run(1)).toBe(1);
  await until(() => pool.workers === 0, 'it is ended');
  expect(await pool.run(2)).toBe(2);
});

test.each([1, 7, 'auto'] as const)('map keeps the order, chunk %s', async (chunk) => {
  const values = Array.from({ length: 500 }, (_, at) => at);
  const doubled = values.map((value) => 2 * value);
  expect(await poolOf('double').map(values, { chunk })).toEqual(doubled);
  expect(await poolOf('later').map(new Set(values), { chunk })).toEqual(values);
});

test('map fails fast, or at the end', async () => {
  const values = [{ value: 1 }, { how: 'throw' }, { value: 2 }];
  const pool = poolOf('act');
  await expect(pool.map(values)).rejects.toMatchObject({ code: 'THREW' });
  await expect(pool.map(values, { failFast: false })).rejects.toMatchObject({
    name: 'AggregateError',
    errors: [{ code: 'THREW' }],
  });
});

test('after a failure map begins no task that no worker was given before', async () => {
  const log = join(scratch({}), 'begun');
  const pool = poolOf('act', { size: 1 });
  const others = Array.from({ length: 2000 }, (_, value) => ({ value, log }));
  await expect(pool.map([{ how: 'throw', value: 'first', log }, ...others])).rejects.toMatchObject({
    code: 'THREW',
  });
  expect(await pool.run({ value: 'last', log })).toBe('last');
  // A worker has been given 256 at most.
  expect(readFileSync(log, 'utf8').split('\n').length).toBeLessThan(300);
});

test.each([
  ['an array', (values: readonly object[]) => values],
  ['a set', (values: readonly object[]) => new Set(values)],
  ['what is read asynchronously', (values: readonly object[]) => Readable.from(values)],
])('map of %s closes it after a failure', async (_what, made) => {
  const values = Array.from({ length: 100 }, (_, at) => (at === 50 ? { how: 'throw' } : { value: at }));
  await expect(poolOf('act').map(made(values), { chunk: 3 })).rejects.toMatchObject({ code: 'THREW' });
});

describe('imap', () => {
  test('reads no more than there is room for', async () => {
    let read = 0;
    const source = (async function* () {
      for (;;) yield await Promise.resolve((read += 1));
    })();
    const taken: unknown[] = [];
    for await (const result of poolOf('later').imap(source, { inFlight: 3 })) {
      taken.push(result);
      expect(read).toBeLessThanOrEqual(taken.length + 3);
      if (taken.length === 20) break;
    }
    expect(taken).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  test('an abort is heard while no value comes', async () => {
    const abort = new AbortController();
    const never = (async function* () {
      yield 1;
      await new Promise(() => undefined);
    })();
    const results = poolOf('same').imap(never, { signal: abort.signal });
    expect(await results.next()).toMatchObject({ value: 1 });
    const next = results.next();
    abort.abort(new Error('enough'));
    await expect(inTime(next, 'it is heard')).rejects.toThrow('enough');
  });

  test('a source that throws is told, and the pool goes on', async () => {
    const pool = poolOf('same');
    const async = (async function* () {
      yield await Promise.resolve(1);
      throw new Error('no more');
    })();
    const sync = (function* () {
      yield 1;
      throw new Error('no more');
    })();
    for (const source of [async, sync]) {
      const read = async () => {
        for await (const result of pool.imap(source, { inFlight: 1 })) expect(result).toBe(1);
      };
      await expect(inTime(read(), 'it is told')).rejects.toThrow('no more');
    }
    expect(await pool.run(2)).toBe(2);
  });

  test('unordered it gives what is there', async () => {
    const pool = poolOf('act');
    const results: unknown[] = [];
    const values = [{ how: 'SIGSTOP' }, { value: 1 }, { value: 2 }];
    for await (const result of pool.imap(values, { ordered: false, inFlight: 2 })) {
      results.push(result);
      if (results.length === 2) break;
    }
    expect(results).toEqual([1, 2]);
  });
});

test('closing it waits for the tasks, and takes no more', async () => {
  const pool = poolOf('later');
  const all = Array.from({ length: 50 }, (_, at) => pool.run(at));
  const closed = pool.close();
  await expect(pool.run(1)).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await Promise.all(all)).toHaveLength(50);
  await closed;
  expect(pool.workers).toBe(0);
});

test('terminating it does not wait', async () => {
  const pool = poolOf('spin');
  const all = Promise.allSettled([pool.run(1), pool.run(2), pool.run(3)]);
  await until(() => pool.workers === 2, 'they are started');
  await inTime(pool.terminate(), 'it ends');
  expect((await all).map((one) => (one as PromiseRejectedResult).reason as unknown)).toMatchObject(
    [1, 2, 3].map(() => ({ code: 'TERMINATED' })),
  );
});

describe('programs in any language', () => {
  test.each([
    ['line', 'cat', ['a b', '$x'], ['a b', '$x']],
    ['json', 'cat', [{ a: [1, '\n'] }, null], [{ a: [1, '\n'] }, null]],
    ['null', 'cat', ['a\nb', ''], ['a\nb', '']],
    ['length', 'cat', ['a\n\0', ''], ['a\n\0', '']],
    ['line', 'while read -r n; do echo $((2 * n)); done', [1, 2, 3], ['2', '4', '6']],
  ] as const)('%s: %s', async (framing, command, values, results) => {
    expect(await made({ command, framing, size: 2 }).map([...values])).toEqual(results);
  });

  test('one that dies costs one line', async () => {
    const command = 'while read -r n; do [ "$n" != die ] || exit 4; echo "$n"; done';
    const pool = made({ command, size: 1 });
    const all = await Promise.allSettled(['a', 'die', 'b'].map((value) => pool.run(value)));
    expect(all).toMatchObject([
      { value: 'a' },
      { reason: { exit: { code: 4 }, task: 'die' } },
      { value: 'b' },
    ]);
  });

  test('a value with a newline is told, and costs nothing else', async () => {
    const pool = made({ command: ['cat'], size: 1 });
    await expect(pool.run('a\nb')).rejects.toMatchObject({ code: 'THREW' });
    expect(await pool.run('c')).toBe('c');
  });
});
