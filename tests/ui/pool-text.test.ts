import { expect, test } from 'vitest';
import { timedOutText } from '../../src/ui/pool-text.ts';

test.each([
  ['sleep 9', 'sleep 9'],
  ['echo a\n  sleep 9', 'echo a sleep 9'],
  ['echo \x1b[31m \udcff', 'echo ␛[31m \\xFF'],
  [`echo ${'x'.repeat(200_000)}`, `echo ${'x'.repeat(72)}...`],
])('a job that timed out is told in one line with its command: %j', (command, shown) => {
  expect(timedOutText({ seq: 7, runtimeMs: 1002.4, command })).toBe(`job 7 timed out after 1.002s: ${shown}`);
});
