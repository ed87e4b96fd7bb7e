import { expect, test } from 'vitest';
import { isForegroundGroup } from '../../../src/os/terminal/group.ts';

test.each([
  ['42 (node) S 1 42 42 34816 42 4194560 0', true],
  ['42 (node) S 1 42 40 34816 40 4194560 0', false],
  ['42 (node) S 1 42 42 0 -1 4194560 0', false],
  ['42 (a) b 7 7 (c)) S 1 42 42 34816 42 4194560 0', true],
  ['', false],
])('%s: %s', (stat, expected) => {
  expect(isForegroundGroup(stat)).toBe(expected);
});
