import { expect, test } from 'vitest';
import { logPrefix } from '../../src/ui/log-prefix.ts';

const web = { name: 'web.1', index: 0 };
const plain = (text: string): string => text;
const at = new Date(2026, 0, 2, 3, 4, 5).getTime();

test.each([
  ['time', '03:04:05 web.1    | '],
  ['none', 'web.1    | '],
  ['iso', `${new Date(at).toISOString().slice(0, 19)}Z web.1    | `],
] as const)('timestamps %s', (timestamps, expected) => {
  expect(logPrefix({ timestamps, width: 8, colour: plain })(web, at, true)).toBe(expected);
});

test('a piece of a line that goes on has another mark', () => {
  const prefixOf = logPrefix({ timestamps: 'none', width: 5, colour: plain });
  expect(prefixOf(web, at, false)).toBe('web.1 > ');
});

test('a name longer than the width is not cut', () => {
  expect(logPrefix({ timestamps: 'none', width: 2, colour: plain })(web, at, true)).toBe('web.1 | ');
});

test('in colour it begins with a reset and knows the process', () => {
  const colour = (text: string, index: number): string => `\u001b[3${index}m${text}\u001b[39m`;
  expect(logPrefix({ timestamps: 'none', width: 5, colour })(web, at, true)).toBe(
    '\u001b[0m\u001b[30mweb.1 |\u001b[39m ',
  );
});
