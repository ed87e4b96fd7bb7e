import { describe, expect, test } from 'vitest';
import { plainBytes, plainLine, safeBytes, safeLine, visibleText } from '../../src/text/terminal-safe.ts';
import { seeded } from '../simulation/random.ts';

const clean = (text: string): string =>
  Buffer.from(safeBytes(Buffer.from(text).toString('latin1')), 'latin1').toString();

test.each([
  ['plain text', 'hello\n', 'hello\n'],
  ['tabs', 'a\tb\n', 'a\tb\n'],
  ['UTF-8', 'grüße £ € 😀 ÜÛ\n', 'grüße £ € 😀 ÜÛ\n'],
  [
    'colours',
    '\x1b[1;31mred\x1b[0m \x1b[m \x1b[38:2::1:2:3mx\n',
    '\x1b[1;31mred\x1b[0m \x1b[m \x1b[38:2::1:2:3mx\n',
  ],
  ['cursor movement and erasing', 'a\x1b[2Jb\x1b[10;10Hc\x1b[Kd\x1b[?25le\n', 'abcde\n'],
  ['a private m', '\x1b[>4;2mx\x1b[?4mx\n', 'xx\n'],
  ['a title by BEL', '\x1b]0;title\x07x\n', 'x\n'],
  ['a title by ST', '\x1b]0;title\x1b\\x\n', 'x\n'],
  ['a string without an end', '\x1b]0;title\nnext\n', '\nnext\n'],
  ['DCS, SOS, PM, APC', '\x1bPq\x1b\\a\x1bXq\x1b\\b\x1b^q\x1b\\c\x1b_q\x1b\\d\n', 'abcd\n'],
  ['a string that another sequence ends', '\x1b]0;a\x1b[31mred\n', '\x1b[31mred\n'],
  ['reset and charsets', '\x1bcx\x1b(0y\x1b7z\n', 'xyz\n'],
  ['an escape at the end', 'x\x1b\n', 'x\n'],
  ['an unfinished sequence', 'x\x1b[31\ny\x1b[\n', 'x\ny\n'],
  ['two escapes', '\x1b\x1b[31mx\x1b\x1b[2Jy\n', '\x1b[31mxy\n'],
  ['controls', 'a\0b\x07c\bd\ve\x0ef\x7fg\n', 'abcdefg\n'],
  ['CRLF', 'a\r\nb\r\r\n', 'a\nb\n'],
  ['a progress bar', '10%\r20%\r\r30%\n', '30%\n'],
  ['a bar whose returns come last', '10%\r20%\r\n', '20%\n'],
  ['a bar that goes on', 'a\n10%\r20%', 'a\n20%'],
  ['a bar that erases itself', '10%\r\x1b[K20%\r\x1b[K\nnext\n', '20%\nnext\n'],
  ['a bar that ends its colour', '\x1b[32m10%\r20%\r\x1b[0m\n', '20%\n'],
  ['bars in several lines', 'a\rb\nc\n\rd\re\n\r\nf\r\n', 'b\nc\ne\n\nf\n'],
  ['C1 in UTF-8', 'a\u009b2Jb\u009dtitle\u009cc\u0085d\u0090q\u001b\\e\n', 'abcde\n'],
])('%s', (_what, text, expected) => {
  expect(clean(text)).toBe(expected);
});

test.each([
  [
    'a C1 control that would arise from a removal',
    [0xc2, 0x1b, 0x5b, 0x4b, 0x9b, 0x32, 0x4a, 0x0a],
    [0x9b, 0x32, 0x4a, 0x0a],
  ],
  ['the same with two lead bytes', [0xc2, 0xc2, 0x00, 0x9b, 0x0a], [0x9b, 0x0a]],
  ['an overlong escape', [0xc0, 0x9b, 0x63, 0x0a], [0x9b, 0x63, 0x0a]],
])('%s', (_what, bytes, expected) => {
  expect([...Buffer.from(safeBytes(Buffer.from(bytes).toString('latin1')), 'latin1')]).toEqual(expected);
});

test('random bytes leave no control sequence but colours', () => {
  const alphabet = '\x1b[]P^_X\\\x07\x9b\x9c\x9d\xc2\xc3\xa0\r\n\t 0;:?>mJHabc\b\x7f\x00';
  const generator = seeded(3);
  for (let round = 0; round < 5000; round += 1) {
    let text = '';
    for (let at = 0; at < 24; at += 1) text += alphabet[generator.between(0, alphabet.length - 1)] ?? '';
    const left = safeBytes(`${text}\n`).replace(/\x1b\[[\d;:]*m/g, '');
    expect(left).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/);
    expect(left.split('\n').length).toBe(text.split('\n').length + 1);
  }
});

test.each([
  ['colours', '\x1b[1;31mred\x1b[0m \x1b[m \x1b[38:2::1:2:3mx\n', 'red  x\n'],
  ['all else as well', 'a\x1b[2J\x1b[3J\x1b[Hb\x1b]0;title\x07c\r\n', 'abc\n'],
  ['a bar', '\x1b[32m10%\r20%\x1b[0m\r\x1b[0m\n', '20%\n'],
])('plain text has no %s', (_what, text, expected) => {
  expect(plainBytes(text)).toBe(expected);
  expect(plainLine(text.trimEnd())).toBe(expected.trimEnd());
});

test('text with nothing to clean is the very same', () => {
  const text = 'a\x1b[31mb\x1b[0m\n'.repeat(1000);
  expect(safeBytes(text)).toBe(text);
});

/** A scanner that looks at the rest of a text anew from each start needs many minutes for such a text, a linear one 0.1 s. */
const LENGTH = 300_000;
const REPEATED = [
  '\x1b',
  '\x1b[',
  '\x1b[1',
  '\x1b]',
  '\x1b]\xc2',
  '\xc2',
  '\xc2\x9d',
  '\x9d',
  '\r',
  '\r\x07',
  'a\r',
  'a\n\r',
  '1',
];

describe.each([
  ['safeBytes', safeBytes],
  ['safeLine', safeLine],
  ['plainBytes', plainBytes],
  ['visibleText', visibleText],
])('%s looks at each character a few times at most', (_name, safe) => {
  test.each(REPEATED)('%j again and again', (piece) => {
    const text = piece.repeat(LENGTH / piece.length);
    expect(safe(text).length).toBeLessThanOrEqual(text.length);
    expect(safe(`${text}x`).length).toBeLessThanOrEqual(text.length + 1);
    expect(safe(`\x1b[${text}x`).length).toBeLessThanOrEqual(text.length + 3);
  });
});
