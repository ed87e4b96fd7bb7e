/** With directories that look as /proc does: what is read, exactly. That it is so in /proc is in sampler.test.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTreeMemories, type TreeToRead } from '../../../src/os/proc/tree-memory.ts';
import { scratch } from '../../helpers/scratch.ts';

const MIB = 1024 * 1024;
/** Higher than any pid. */
const NOBODY = 2 ** 22 + 1;

const rollup = (kilobytes: number): string =>
  `55e1b5bce000-7fffc864e000 ---p 00000000 00:00 0  [rollup]\nRss: 9999 kB\nPss: ${kilobytes} kB\nPss_Dirty: 7 kB\n`;

interface Member {
  /** `undefined`: there is no file. */
  readonly pssKilobytes: number | undefined;
  readonly residentBytes: number;
  readonly pid?: number;
}

/** `files`: where its members have theirs. */
function treeOf(members: readonly Member[], born = 1) {
  const directory = scratch(
    Object.fromEntries(
      members.flatMap(({ pssKilobytes }, index) =>
        pssKilobytes === undefined ? [] : [[`${index}/smaps_rollup`, rollup(pssKilobytes)]],
      ),
    ),
  );
  const tree: TreeToRead = {
    ...{ born, youngest: born, processes: members.length },
    residentBytes: members.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    members: members.map(({ residentBytes, pid = process.pid }, index) => {
      return { pid, directory: join(directory, String(index)), residentBytes };
    }),
  };
  const write = (index: number, kilobytes: number): void =>
    writeFileSync(join(directory, String(index), 'smaps_rollup'), rollup(kilobytes));
  return { tree, write };
}

const measured = async (memories: ReturnType<typeof createTreeMemories>, tree: TreeToRead) =>
  (await memories.measure(new Map([[1, tree]]))).get(1);

test('the memory of a tree is that of its members, small and large', async () => {
  const { tree } = treeOf([
    { pssKilobytes: 100, residentBytes: MIB },
    { pssKilobytes: 200_000, residentBytes: 400 * MIB },
  ]);
  const memory = await measured(createTreeMemories(), tree);
  expect(memory).toEqual({ bytes: 200_100 * 1024, kind: 'pss' });
});

test('a tree is read once, and anew when it has changed', async () => {
  const { tree, write } = treeOf([{ pssKilobytes: 1000, residentBytes: 2 * MIB }]);
  const memories = createTreeMemories();
  await measured(memories, tree);
  write(0, 500);
  expect(await measured(memories, tree)).toEqual({ bytes: 1000 * 1024, kind: 'pss' });
  expect(await measured(memories, { ...tree, youngest: 2 })).toEqual({ bytes: 500 * 1024, kind: 'pss' });
});

test('a root that was not named is forgotten', async () => {
  const { tree, write } = treeOf([{ pssKilobytes: 1000, residentBytes: 2 * MIB }]);
  const memories = createTreeMemories();
  await measured(memories, tree);
  await memories.measure(new Map());
  write(0, 500);
  expect(await measured(memories, tree)).toEqual({ bytes: 500 * 1024, kind: 'pss' });
});

test.each([
  ['small', MIB],
  ['large', 400 * MIB],
])('a %s process that does not tell it makes the whole tree resident memory', async (_, residentBytes) => {
  const { tree } = treeOf([
    { pssKilobytes: 100, residentBytes },
    { pssKilobytes: undefined, residentBytes },
  ]);
  const memory = await measured(createTreeMemories(), tree);
  expect(memory).toEqual({ bytes: 2 * residentBytes, kind: 'rss' });
});

test('a process that has ended meanwhile counts nothing', async () => {
  const { tree } = treeOf([
    { pssKilobytes: 100, residentBytes: MIB },
    { pssKilobytes: undefined, residentBytes: MIB, pid: NOBODY },
  ]);
  expect(await measured(createTreeMemories(), tree)).toEqual({ bytes: 100 * 1024, kind: 'pss' });
});

test('a tree that is too large for the budget is not read', async () => {
  const { tree } = treeOf([{ pssKilobytes: 100, residentBytes: 100_000 * MIB }]);
  expect(await measured(createTreeMemories(), tree)).toEqual({ bytes: 100_000 * MIB, kind: 'rss' });
});

test('while thousands of small processes are read, other work gets its turn', async () => {
  const small = treeOf(Array.from({ length: 20 }, () => ({ pssKilobytes: 100, residentBytes: MIB }))).tree;
  const trees = new Map(Array.from({ length: 100 }, (_unused, root) => [root, small]));
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await createTreeMemories().measure(trees);
  isOver = true;
  expect(turns).toBeGreaterThan(1);
});
