import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLocalBin } from '../../../src/os/files/local-bin.ts';
import { scratch } from '../../helpers/scratch.ts';

test('finds the programs of a project in its root and in the directories above, the nearest first', () => {
  const root = scratch({
    'node_modules/.bin/a': '',
    '.venv/bin/python': '',
    'packages/web/node_modules/.bin/b': '',
    'packages/node_modules/x': '',
    'packages/web/.venv': 'a file',
  });
  const { node, venv } = findLocalBin(join(root, 'packages/web'));
  expect(node.filter((directory) => directory.startsWith(root))).toEqual([
    join(root, 'packages/web/node_modules/.bin'),
    join(root, 'node_modules/.bin'),
  ]);
  expect(venv).toBe(join(root, '.venv'));
});

test('finds nothing where there is nothing, or nothing can be seen', () => {
  const root = scratch({ 'a/b': '' });
  chmodSync(join(root, 'a'), 0);
  const ours = ({ node, venv }: ReturnType<typeof findLocalBin>) =>
    [...node, venv ?? ''].filter((path) => path.startsWith(root));
  expect(ours(findLocalBin(root))).toEqual([]);
  expect(ours(findLocalBin(join(root, 'a/missing')))).toEqual([]);
});

test.runIf(process.getuid?.() === 0)('passes over what belongs to somebody else', () => {
  const above = scratch();
  const bin = join(above, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(above, 'app'));
  chownSync(bin, 12_345, 12_345);
  expect(findLocalBin(join(above, 'app')).node).not.toContain(bin);
  chownSync(join(above, 'app'), 12_345, 12_345);
  expect(findLocalBin(join(above, 'app')).node).toContain(bin);
});
