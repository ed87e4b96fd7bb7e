import { lstatSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { fileRules } from '../../../src/core/task/files.ts';
import { openDigests } from '../../../src/os/tasks/digests.ts';
import { sha256 } from '../../../src/os/tasks/hash.ts';
import { hashByWorkers, type HashWorkersOptions } from '../../../src/os/tasks/hash-workers.ts';
import { walk } from '../../../src/os/tasks/walk.ts';
import { scratch } from '../../helpers/scratch.ts';

const NAMES = Array.from({ length: 12 }, (_, at) => `file${String(at)}`);
const project = (): string => scratch(Object.fromEntries(NAMES.map((name) => [name, name])));

/** A thread that says of each file that its digest is its path, and does `atThird` when it is asked for the third one. */
const threadThat = (atThird: string): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
    let asked = 0;
    parentPort.on('message', ({ path }) => {
      asked += 1;
      if (asked === 3) { ${atThird} }
      parentPort.postMessage({ digest: 'digest of ' + path, size: 1, mtimeMs: 1, ctimeMs: 1, ino: 1, isSettled: true });
    });`,
    { eval: true },
  );

const orders = NAMES.map((path) => ({ path, follows: false, sizeBytes: 1 }));

async function digestsWith(options: HashWorkersOptions): Promise<[ReadonlyMap<string, string>, number]> {
  const root = project();
  let byThreads = 0;
  const digests = openDigests(join(scratch(), 'known'), {
    ...{ largeBytes: 0, manyBytes: 0 },
    async byThreads(orders, { signal } = {}) {
      const hashed = await hashByWorkers(orders, { ...options, signal });
      byThreads += hashed.size;
      return hashed;
    },
  });
  const found = await walk(fileRules(['**'], root), { followsNamed: true });
  const named = [...(await digests.of(found))].map(([path, digest]) => [path.slice(root.length + 1), digest]);
  return [new Map(named as [string, string][]), byThreads];
}

test.each([
  ['is killed', 'process.exit(9);'],
  ['fails', 'throw new Error("out of memory");'],
])('what a thread that %s had been given is hashed by the main thread', async (_, atThird) => {
  const [digests, byThreads] = await digestsWith({ count: 1, start: () => threadThat(atThird) });
  expect([...digests.keys()].sort()).toEqual([...NAMES].sort());
  const own = [...digests].filter(([name, digest]) => digest === sha256(name));
  expect([own.length, byThreads]).toEqual([NAMES.length - 2, 2]);
});

test('where no thread can be started, the main thread hashes all', async () => {
  let tries = 0;
  const start = (): Worker => {
    tries += 1;
    throw Object.assign(new Error('no more threads'), { code: 'ERR_WORKER_INIT_FAILED' });
  };
  const [digests, byThreads] = await digestsWith({ count: 4, start });
  expect(digests).toEqual(new Map([...digests.keys()].map((name) => [name, sha256(name)])));
  expect([digests.size, byThreads, tries]).toEqual([NAMES.length, 0, 1]);
});

test('where only one of several threads can be started, it hashes all', async () => {
  const started: Worker[] = [];
  const start = (): Worker => {
    if (started.length === 1) throw new Error('no more threads');
    started.push(threadThat(''));
    return started[0] as Worker;
  };
  expect([...(await hashByWorkers(orders, { count: 4, start })).keys()].sort()).toEqual([...NAMES].sort());
});

test('threads are ended when all is hashed, and at an abort', async () => {
  const ends: Promise<unknown>[] = [];
  const start = (): Worker => {
    const worker = threadThat('if (!path.startsWith("file")) for (;;);');
    ends.push(new Promise((resolve) => worker.once('exit', resolve)));
    return worker;
  };
  await hashByWorkers(orders, { count: 2, start });
  expect(ends).toHaveLength(2);
  await Promise.all(ends);
  const controller = new AbortController();
  const busy = hashByWorkers(
    orders.map((order) => ({ ...order, path: `busy ${order.path}` })),
    { count: 2, start, signal: controller.signal },
  );
  controller.abort(new Error('enough'));
  await expect(busy).rejects.toThrow('enough');
  expect(ends).toHaveLength(4);
  await Promise.all(ends);
});

test('what a thread says is not settled counts for this time, and is not known the next time', async () => {
  const root = scratch({ one: 'one', two: 'two' });
  const found = await walk(fileRules(['**'], root), { followsNamed: true });
  const path = join(root, 'one');
  let calls = 0;
  const digests = openDigests(join(scratch(), 'known'), {
    ...{ largeBytes: 0, manyBytes: 0 },
    byThreads(orders) {
      calls += 1;
      return Promise.resolve(
        new Map(
          orders.map((order) => {
            const { size, mtimeMs, ctimeMs, ino } = lstatSync(order.path);
            const isSettled = order.path !== path;
            return [order.path, { size, mtimeMs, ctimeMs, ino, digest: 'by a thread', isSettled }];
          }),
        ),
      );
    },
  });
  expect([...(await digests.of(found)).values()]).toEqual(['by a thread', 'by a thread']);
  expect(await digests.contentOf(path, lstatSync(path))).toBe(sha256('one'));
  const two = join(root, 'two');
  expect(await digests.contentOf(two, lstatSync(two))).toBe('by a thread');
  // One is left, and that alone is none for threads.
  await digests.of(found);
  expect(calls).toBe(1);
});

test('files that are not large, or too few, are not given to threads', async () => {
  const root = scratch({ small: 's', one: 'x'.repeat(100), two: 'x'.repeat(100) });
  const asked: string[][] = [];
  const digests = openDigests(join(scratch(), 'known'), {
    ...{ largeBytes: 100, manyBytes: 200 },
    byThreads(orders) {
      asked.push(orders.map(({ path }) => path.slice(root.length + 1)).sort());
      return hashByWorkers(orders, { count: 1, start: () => threadThat('') });
    },
  });
  const find = () => walk(fileRules(['**'], root), { followsNamed: true });
  await digests.of((await find()).filter(({ path }) => !path.endsWith('two')));
  expect(asked).toEqual([]);
  writeFileSync(join(root, 'one'), 'y'.repeat(100));
  utimesSync(join(root, 'one'), 1, 1);
  await digests.of(await find());
  expect(asked).toEqual([['one', 'two']]);
});
