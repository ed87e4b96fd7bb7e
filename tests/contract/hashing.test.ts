/** What holds of the digests of files, whether the main thread or others have hashed them. */
import { appendFileSync, chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileRules } from '../../src/core/task/files.ts';
import { openDigests, type DigestsOptions } from '../../src/os/tasks/digests.ts';
import { sha256 } from '../../src/os/tasks/hash.ts';
import { hashInput } from '../../src/os/tasks/hash-input.ts';
import { hashByWorkers } from '../../src/os/tasks/hash-workers.ts';
import { walk, type FoundFile } from '../../src/os/tasks/walk.ts';
import { bytesOf, nameOf } from '../../src/os/watch/names.ts';
import { scratch } from '../helpers/scratch.ts';

const find = (root: string, globs: readonly string[] = ['**']): Promise<readonly FoundFile[]> =>
  walk(fileRules(globs, root), { followsNamed: true });

describe.each([
  { hashing: 'the main thread', isByThreads: false },
  { hashing: 'threads', isByThreads: true },
])('hashing by $hashing', ({ isByThreads }) => {
  /** How many files threads have hashed. */
  let count = 0;
  const options: DigestsOptions = {
    largeBytes: 0,
    manyBytes: isByThreads ? 0 : Infinity,
    async byThreads(orders, options) {
      const hashed = await hashByWorkers(orders, options);
      count += hashed.size;
      return hashed;
    },
  };
  const digestsOf = async (found: readonly FoundFile[], signal?: AbortSignal) => {
    count = 0;
    return openDigests(join(scratch(), 'known'), options).of(found, signal);
  };
  const expectCount = (files: number): void => expect(count).toBe(isByThreads ? files : 0);

  test('files large and small, executables, links, names that are no UTF-8', async () => {
    const root = scratch({ small: 'one', empty: '', tool: '#!/bin/sh\n' });
    const large = 'x'.repeat(3_000_000);
    writeFileSync(join(root, 'large'), large);
    mkdirSync(join(root, 'odd'));
    const odd = join(root, 'odd', nameOf(Buffer.from([0x61, 0xff])));
    writeFileSync(bytesOf(odd), 'odd');
    symlinkSync('large', join(root, 'link'));
    const found = await find(root, ['small', 'empty', 'tool', 'large', 'odd', 'link']);
    expect(await digestsOf(found)).toEqual(
      new Map([
        [join(root, 'small'), sha256('one')],
        [join(root, 'empty'), sha256('')],
        [join(root, 'tool'), `${sha256('#!/bin/sh\n')} x`],
        [join(root, 'large'), sha256(large)],
        [odd, sha256('odd')],
        [join(root, 'link'), `link ${sha256('large')} ${sha256(large)}`],
      ]),
    );
    expectCount(6);
  });

  test('a file that is gone has no digest, and one that became a directory or link is an error', async () => {
    const root = scratch({ one: '1', two: '2', gone: '3' });
    const found = await find(root);
    rmSync(join(root, 'gone'));
    expect([...(await digestsOf(found)).keys()].sort()).toEqual([join(root, 'one'), join(root, 'two')]);
    expectCount(2);
    rmSync(join(root, 'two'));
    mkdirSync(join(root, 'two'));
    await expect(digestsOf(found)).rejects.toMatchObject({ code: 'EISDIR', syscall: 'read' });
    rmSync(join(root, 'two'), { recursive: true });
    symlinkSync('one', join(root, 'two'));
    await expect(digestsOf(found)).rejects.toMatchObject({ code: 'ELOOP', syscall: 'open' });
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is an error', async () => {
    const root = scratch({ one: '1', two: '2' });
    chmodSync(join(root, 'two'), 0);
    await expect(digestsOf(await find(root))).rejects.toMatchObject({ code: 'EACCES', syscall: 'open' });
  });

  test('an abort ends it with its reason', async () => {
    const found = await find(scratch({ one: '1', two: 'x'.repeat(1_000_000) }));
    const reason = new Error('enough');
    const controller = new AbortController();
    const digests = digestsOf(
      Array.from({ length: 20_000 }, (_, at) => found[at % 2] as FoundFile),
      controller.signal,
    );
    setImmediate(() => controller.abort(reason));
    await expect(digests).rejects.toBe(reason);
  });

  test('one that changes while it is hashed is not settled', { timeout: 120_000 }, async () => {
    const root = scratch({ moving: 'x'.repeat(1_000_000), other: '' });
    const path = join(root, 'moving');
    const orders = ['moving', 'other'].map((name) => ({
      ...{ path: join(root, name), follows: false, sizeBytes: 1 },
    }));
    for (let isSettled: boolean | undefined = true; isSettled !== false;) {
      const writing = setInterval(() => appendFileSync(path, 'y'));
      const hashed = isByThreads
        ? (await hashByWorkers(orders)).get(path)
        : await (appendFileSync(path, 'y'), hashInput({ path, follows: false }));
      clearInterval(writing);
      isSettled = hashed?.isSettled;
      expect(hashed?.ino).toBe(lstatSync(path).ino);
    }
  });
});
