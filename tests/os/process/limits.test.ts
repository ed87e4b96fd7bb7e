import { expect, test } from 'vitest';
import { softNofilePrelude } from '../../../src/os/process/limits.ts';

test.each([
  ['1024', 'ulimit -Sn 1024; '],
  ['unlimited', 'ulimit -Sn unlimited; '],
  ['', ''],
  [undefined, ''],
  ['1; reboot', ''],
  ['-1', ''],
])('%s', (limit, expected) => {
  expect(softNofilePrelude({ PROCSUP_SOFT_NOFILE: limit })).toBe(expected);
});
