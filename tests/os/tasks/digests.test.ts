import { lstatSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDigests } from '../../../src/os/tasks/digests.ts';
import { sha256 } from '../../../src/os/tasks/hash.ts';
import { until } from '../../helpers/eventually.ts';
import { scratch } from '../../helpers/scratch.ts';

it('a file that was hashed within the tick of its last change is read again, though it looks the same', async () => {
  const path = join(scratch(), 'file');
  const digests = openDigests(join(scratch(), 'known'));
  for (let isQuick = false; !isQuick;) {
    writeFileSync(path, 'one');
    const stats = lstatSync(path);
    await digests.contentOf(path, stats);
    // On a busy machine the tick may be over.
    isQuick = Date.now() - stats.ctimeMs < 15;
    writeFileSync(path, 'two');
    // As if it had the same times.
    if (isQuick) expect(await digests.contentOf(path, stats)).toBe(sha256('two'));
  }
});

it('a file that was not changed for a while is not read again, in another run either', async () => {
  const path = join(scratch({ file: 'one' }), 'file');
  const file = join(scratch(), 'known');
  const first = openDigests(file);
  const { ctimeMs } = statSync(path);
  await until(() => Date.now() > ctimeMs + 2100, 'its time is past');
  await first.contentOf(path, lstatSync(path));
  first.save();
  const stats = lstatSync(path);
  writeFileSync(path, 'two');
  // With the times of before it would be known, had it been read or not: only who does not read says so.
  expect(await openDigests(file).contentOf(path, stats)).toBe(sha256('one'));
  expect(await openDigests(file).contentOf(path, lstatSync(path))).toBe(sha256('two'));
});

it('a file with the size and time of before, but another inode, is read again', async () => {
  const root = scratch({ file: 'one', other: 'two' });
  const [path, other] = [join(root, 'file'), join(root, 'other')];
  const digests = openDigests(join(scratch(), 'known'));
  await digests.contentOf(path, lstatSync(path));
  const { atime, mtime } = statSync(path);
  renameSync(other, path);
  utimesSync(path, atime, mtime);
  expect(await digests.contentOf(path, lstatSync(path))).toBe(sha256('two'));
});

it.each(['', '{', '{"format":1,"paths":["/x"],"numbers":[],"digests":""}', '{"format":99}'])(
  'what is kept as %j knows nothing',
  async (text) => {
    const path = join(scratch({ file: 'one' }), 'file');
    const known = join(scratch({ known: text }), 'known');
    expect(await openDigests(known).contentOf(path, lstatSync(path))).toBe(sha256('one'));
  },
);
