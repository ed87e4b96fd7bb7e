import { describe, expect, test } from 'vitest';
import { listProcesses, treeFinder } from '../../../src/os/proc/process-list.ts';

const one = (pid: number, parent: number, group: number, isZombie = false) => ({
  ...{ pid, parent, group, isZombie },
});
const found = (root: number, all: readonly ReturnType<typeof one>[]) =>
  treeFinder(all)(root)?.map(({ pid }) => pid);

describe('a tree in the list of all processes', () => {
  test('is the root, its descendants in any order and group, and orphans of its group', () => {
    const all = [
      one(13, 12, 13),
      one(1, 0, 1),
      one(14, 1, 10),
      one(12, 10, 10),
      one(10, 5, 10),
      one(15, 14, 99),
    ];
    expect(found(10, all)?.sort()).toEqual([10, 12, 13, 14, 15]);
  });

  test('holds no stranger', () => {
    expect(found(10, [one(10, 5, 10), one(11, 5, 11), one(12, 11, 11), one(5, 1, 5)])).toEqual([10]);
  });

  test('is none where the root has ended', () => {
    expect(found(10, [one(11, 1, 10)])).toBeUndefined();
    expect(found(10, [one(10, 5, 10, true), one(11, 1, 10)])).toBeUndefined();
  });
});

test('the list holds ourselves', async () => {
  const all = await listProcesses();
  expect(all).toContainEqual(
    expect.objectContaining({ pid: process.pid, parent: process.ppid, isZombie: false }),
  );
});
