import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogLines } from '../../../src/core/terminal/log-lines.ts';
import { createScanner } from '../../../src/core/terminal/scanner.ts';

const E = '\u001b';

/** Takes all of it, in pieces of this length. */
function logged(text: string, { step = text.length, everyMs = 0, width = 20 } = {}): string {
  const lines = createLogLines(width);
  const scanner = createScanner();
  let got = '';
  let nowMs = 0;
  for (let at = 0; at < text.length; at += step) {
    for (const token of scanner.scan(text.slice(at, at + step))) {
      got += lines.take(token, (nowMs += everyMs));
    }
  }
  return got + lines.end();
}

describe.each<readonly [string, readonly (readonly [string, string, string])[]]>([
  [
    'ends',
    [
      ['CR LF is one', 'a\r\nb\r\n', 'a\nb\n'],
      ['the last line needs none', 'a\r\nb', 'a\nb\n'],
      ['blank lines stay', 'a\r\n\r\nb\r\n', 'a\n\nb\n'],
      ['CR CR LF', 'a\r\r\nb', 'a\nb\n'],
    ],
  ],
  [
    'a line that is redrawn',
    [
      ['of a bar the last state counts', '\r 10%\r 50%\r100%\r\n', '100%\n'],
      ['what is not overwritten stays', 'abcdef\rxy\r\n', 'xycdef\n'],
      ['erased to its end', `long text\rok${E}[K\r\n`, 'ok\n'],
      ['erased as a whole', `long text${E}[2K\rok\r\n`, 'ok\n'],
      ['backspace', 'ab\b\bc\r\n', 'cb\n'],
      ['erased by backspace', 'ab\b \b\r\n', 'a\n'],
      ['column 1', `> 1${E}[1G${E}[0J> 1+${E}[5G\r\n`, '> 1+\n'],
      ['inserted and deleted', `abc${E}[3D${E}[@x${E}[P\r\n`, 'xbc\n'],
      ['a long line in rows of 20', `${'a'.repeat(20)}bcd\rX\r\n`, `${'a'.repeat(20)}Xcd\n`],
      ['the mark of zsh', `%${' '.repeat(19)}\r \r$ ls\r\n`, '$ ls\n'],
      ['up within the line', `${'a'.repeat(20)}b${E}[A\rX${E}[B\n`, `X${'a'.repeat(19)}b\n\n`],
    ],
  ],
  [
    'sequences',
    [
      ['cursor, paste, title, keypad', `${E}[?25l${E}[?2004h${E}]0;title\u0007${E}=${E}(Ba\r\n`, 'a\n'],
      ['a title that ends in ST', `${E}]2;t${E}\\a\r\n`, 'a\n'],
      ['RIS and clear', `a${E}c${E}[3J${E}[2Jb\r\n`, 'a\nb\n'],
      ['scrolled away and cleared', `a\r\n${'\r\n'.repeat(38)}${E}[1;1H${E}[0Jb\r\n`, 'a\nb\n'],
      ['scrolled away and cleared as a whole', `a\r\n\r\n\r\n${E}[2Jb\r\n`, 'a\nb\n'],
      ['blank lines before a clear of the rest', `a\r\n\r\n${E}[Jb\r\n`, 'a\n\nb\n'],
      [
        'colours stay, closed at the end',
        `${E}[31mred\r\nstill\r\n${E}[0mno`,
        `${E}[31mred${E}[0m\n${E}[31mstill${E}[0m\nno\n`,
      ],
      ['the usual colour again', `${E}[1;33m4${E}[39;22m\r\nx`, `${E}[1;33m4${E}[0m\nx\n`],
      ['a colour of many numbers', `${E}[38;5;9;1mx${E}[39my\r\n`, `${E}[38;5;9;1mx${E}[0m${E}[1my${E}[0m\n`],
      ['broken ones', `a${E}[\u0001b\r\n`, 'a[b\n'],
    ],
  ],
  [
    'a whole screen',
    [
      ['is not logged', `a\r\n${E}[?1049hscreen\r\nmore${E}[?1049lb\r\n`, 'a\nb\n'],
      ['the line before it is', `a${E}[?1049hscreen${E}[?1049lb`, 'a\nb\n'],
      ['has blank lines of its own', `a\r\n\r\n${E}[?1049h\r\n\r\nx\r\n${E}[?1049lb\r\n`, 'a\n\nb\n'],
    ],
  ],
])('%s', (_, rows) => {
  for (const [name, text, expected] of rows) {
    test(name, () => {
      expect(logged(text)).toBe(expected);
      expect(logged(text, { step: 1 }), 'byte by byte').toBe(expected);
    });
  }
});

test('a program that redraws from the top is silent after a few screens; one that clears now and then is not', () => {
  const screens = (count: number) =>
    Array.from({ length: count }, (_, at) => `${E}[Hscreen ${String(at)}\r\n`).join('');
  const fast = logged(screens(100), { everyMs: 100 });
  expect(fast.split('\n').length).toBeLessThan(6);
  expect(logged(screens(100), { everyMs: 10_000 }).match(/screen/g)).toHaveLength(100);
});

test('a prompt is shown once, and what follows belongs to its line', () => {
  const lines = createLogLines(80);
  const scanner = createScanner();
  const take = (text: string) =>
    scanner
      .scan(text)
      .map((token) => lines.take(token, 0))
      .join('');
  expect(take('>>> ')).toBe('');
  expect([lines.holds, lines.piece(), lines.holds, lines.piece()]).toEqual([true, '>>> ', false, '']);
  expect(take('1+1\r\n2\r\n')).toBe('1+1\n2\n');
  take('50%');
  expect(lines.piece()).toBe('50%');
  expect(take('\r60%')).toBe('');
  expect(lines.piece()).toBe('');
  expect(take('\r100%\r\n')).toBe('\n100%\n');
});

test('blank lines wait for what follows, but for neither a silence, nor the end, nor very many', () => {
  const lines = createLogLines(80);
  const scanner = createScanner();
  const take = (text: string) =>
    scanner
      .scan(text)
      .map((token) => lines.take(token, 0))
      .join('');
  expect(take('a\r\n\r\n\r\n')).toBe('a\n');
  expect([lines.holds, lines.piece(), lines.holds]).toEqual([true, '\n\n', false]);
  expect(take('\r\n')).toBe('');
  expect(take('b')).toBe('\n');
  expect(take('\r\n\r\n')).toBe('b\n');
  expect(lines.end()).toBe('\n');
  expect(take('\r\n'.repeat(1000)).length + lines.end().length).toBe(1000);
  expect(take('\r\n'.repeat(1000)).length).toBeGreaterThan(700);
});

test('a long line that is redrawn for each key costs one line', () => {
  let typed = '';
  let text = '';
  for (let at = 0; at < 2000; at += 1) text += `\r${(typed += 'x')}`;
  expect(logged(text, { width: 5000 }).length).toBe(2001);
});

test('neither a line nor a sequence without an end is kept for ever', () => {
  expect(logged('x'.repeat(300_000), { step: 4096 }).split('\n').length).toBeGreaterThan(3);
  expect(logged(`${E}]0;${'x'.repeat(10_000)}`, { step: 1000 })).toContain('xxx');
  expect(logged(`a${E}[999999999Gb${E}[999999999@c\r\n`).length).toBeLessThan(100_000);
});

test('what is taken in one piece looks as if it had come character by character', () => {
  const part = fc.constantFrom(
    'a',
    'long words ',
    '\t',
    '\r\n',
    '\n',
    '\r',
    '\b',
    `${E}[31m`,
    `${E}[0m`,
    `${E}[K`,
    `${E}[A`,
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      expect(logged(text)).toBe(logged(text, { step: 1 }));
    }),
    { numRuns: 2000 },
  );
});
