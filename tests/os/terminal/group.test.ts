import { expect, test } from 'vitest';
import { emptyStat } from '../../../src/os/proc/stat.ts';
import { isForegroundGroup } from '../../../src/os/terminal/group.ts';

test.each([
  [{ group: 42, foregroundGroup: 42 }, true],
  [{ group: 42, foregroundGroup: 40 }, false],
  [{ group: 1, foregroundGroup: -1 }, false],
])('%j: %s', (groups, expected) => {
  expect(isForegroundGroup({ ...emptyStat(), ...groups })).toBe(expected);
});
