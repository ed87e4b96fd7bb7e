import { expect, test } from 'vitest';
import { safeLogText } from '../../src/top/log-text.ts';

const RESET = '\x1b[0m';

test.each([
  ['plain', 'plain'],
  ['\x1b[31mred', `\x1b[31mred${RESET}`],
  ['\x1b[38;2;1;2;3mred\x1b[m', `\x1b[38;2;1;2;3mred\x1b[m${RESET}`],
  ['a\x1b[2Jb\x1b[Hc\x1b[?25ld', 'abcd'],
  ['\x9b2Ja', 'a'],
  ['\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b', 'ab'],
  ['\x1b]0;never ended', ''],
  ['\x1bPq...\x1b\\a\x1b(0b\x1bMc', 'abc'],
  ['a\0\x07\b\n\x7f\x85b', 'ab'],
  ['10%\r20%\r', '20%'],
  ['a\tb', 'a       b'],
  ['漢\tb\t', '漢      b       '],
  ['\x1b[31ma\tb', `\x1b[31ma       b${RESET}`],
  ['a\u202eb\u2066c\u2028d\ufeffe', 'abcde'],
  ['\ud83da\ude80', '\ufffda\ufffd'],
  ['🚀 e\u0301', '🚀 e\u0301'],
  ['a\x1b', 'a'],
  ['a\x1b[', 'a'],
  ['a\x1b[3', 'a'],
  ['a\r\nb\x1b]0;c\nd', 'abd'],
])('%j becomes %j', (text, safe) => {
  expect(safeLogText(text)).toBe(safe);
});

test('a line of tabs only takes time in proportion to its length', () => {
  expect(safeLogText('漢\t'.repeat(100_000))).toHaveLength(100_000 * 7);
});
