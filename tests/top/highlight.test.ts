import { expect, test } from 'vitest';
import { fromMatch, highlighted } from '../../src/top/highlight.ts';

const [ON, OFF, CURRENT, CURRENT_OFF] = ['\x1b[7m', '\x1b[27m', '\x1b[1;4;7m', '\x1b[22;24;27m'];

test.each([
  ['none', 'abc', /x/g, 'abc'],
  ['several', 'xaxx', /x/g, `${ON}x${OFF}a${ON}x${OFF}${ON}x${OFF}`],
  ['the whole line', 'xx', /xx/g, `${ON}xx${OFF}`],
  ['wide ones', 'a漢字🚀b', /字🚀/gu, `a漢${ON}字🚀${OFF}b`],
  ['colors around it', '\x1b[31mxa\x1b[0m', /a/g, `\x1b[31mx${ON}a${OFF}\x1b[0m`],
  ['a color in it, which may end the mark', 'a\x1b[0mb', /ab/g, `${ON}a\x1b[0m${ON}b${OFF}`],
  ['digits of a color are no text', '\x1b[31m3', /3/g, `\x1b[31m${ON}3${OFF}`],
])('%s', (_what, text, matcher, expected) => {
  expect(highlighted(text, matcher, false)).toBe(expected);
});

test('the current one differs', () => {
  expect(highlighted('ax', /x/g, true)).toBe(`a${CURRENT}x${CURRENT_OFF}`);
});

test.each([
  ['in sight', `abc${'.'.repeat(50)}`, `abc${'.'.repeat(50)}`],
  ['out of sight', `${'.'.repeat(50)}abc end`, '….....abc end'],
  ['cut by the edge', `${'.'.repeat(18)}abc end`, '….....abc end'],
  ['in a line that fits', `${'.'.repeat(17)}abc`, `${'.'.repeat(17)}abc`],
  ['with colors', `\x1b[31m${'.'.repeat(50)}abc\x1b[0m`, '….....abc'],
  ['nowhere', '.'.repeat(50), '.'.repeat(50)],
])('a match %s', (_where, text, expected) => {
  expect(fromMatch(text, /abc/g, 20, '…')).toBe(expected);
});
