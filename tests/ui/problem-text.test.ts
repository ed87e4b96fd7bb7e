import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Place, Problem } from '../../src/core/problem.ts';
import { visibleText } from '../../src/text/terminal-safe.ts';
import { excerptOf } from '../../src/ui/excerpt.ts';
import { plainPaint, problemsText, problemText } from '../../src/ui/problem-text.ts';

const place = (text: string, column: number, length: number): Place => ({
  file: 'Procfile',
  line: 3,
  column,
  length,
  text,
});
const problem = (some: Partial<Problem>): Problem => ({
  code: 'c',
  severity: 'error',
  message: 'm',
  ...some,
});

describe('one problem', () => {
  test('in full', () => {
    const text = problemText(
      problem({
        message: "duplicate process name 'web'",
        place: place('web: x', 1, 3),
        remedy: 'rename one',
      }),
      plainPaint,
    );
    expect(text).toBe(
      [
        "error: Procfile:3:1: duplicate process name 'web'",
        '    web: x',
        '    ^^^',
        '  help: rename one',
        '',
      ].join('\n'),
    );
  });

  test('without a place', () => {
    expect(problemText(problem({ severity: 'warning' }), plainPaint)).toBe('warning: m\n');
  });

  test.each(['--formation', '$PORT'])('of %s has no line to name', (file) => {
    expect(problemText(problem({ place: { ...place('x', 1, 1), file } }), plainPaint)).toMatch(
      `error: ${file}: m\n`,
    );
  });

  test('is painted', () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const paint = { error: mark('e'), warning: mark('w'), dim: mark('d'), bold: mark('b') };
    expect(problemText(problem({ place: place('a b', 3, 1), remedy: 'r' }), paint)).toBe(
      '<e>error:</e> <b>Procfile:3:3: m</b>\n    a b\n      <e>^</e>\n  <d>help:</d> r\n',
    );
  });

  test('cannot command the terminal', () => {
    const evil = '\x1b]0;title\x07\x9b2J\u202egnp\nb\r\x7f';
    const text = problemText(
      problem({ message: evil, remedy: evil, place: { ...place(evil, 1, 2), file: evil } }),
      plainPaint,
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/);
    expect(text.split('\n')).toHaveLength(5);
  });
});

describe('the caret', () => {
  test.each([
    ['a\tb', 3, 1, 'a b', '  ^'],
    ['\x1bb', 2, 1, '␛b', ' ^'],
    ['漢b', 2, 1, '漢b', '  ^'],
    ['e\u0301b', 3, 1, 'e\u0301b', ' ^'],
    ['🚀b', 3, 1, '🚀b', '  ^'],
    ['漢字', 1, 2, '漢字', '^^^^'],
    ['', 1, 0, '', '^'],
    ['ab', 3, 1, 'ab', '  ^'],
    ['ab', 99, 99, 'ab', '  ^'],
    ['ab', 0, -1, 'ab', '^'],
    ['ab', 1, 99, 'ab', '^^'],
    ['\ud800b', 2, 1, '�b', ' ^'],
  ])('%j at %i, %i long', (text, column, length, line, carets) => {
    expect(excerptOf(place(text, column, length))).toEqual({ line, carets });
  });

  test('a long line is clipped around it', () => {
    const text = `${'a'.repeat(5_000_000)}X${'b'.repeat(5_000_000)}`;
    const { line, carets } = excerptOf(place(text, 5_000_001, 1));
    expect(line).toBe(`…${'a'.repeat(40)}X${'b'.repeat(59)}…`);
    expect(line[carets.length - 1]).toBe('X');
    expect(excerptOf(place(text, 1, text.length)).carets).toHaveLength(100);
  });

  test('points at the same characters whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.nat(320), fc.nat(320), (text, column, length) => {
        const { line, carets } = excerptOf(place(text, column, length));
        expect(carets).toMatch(/^ *\^+$/);
        expect(line.length).toBeLessThanOrEqual(102);
      }),
    );
  });
});

test('harmless text keeps its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleText(text)).toHaveLength(text.length);
      expect(visibleText(text)).not.toMatch(/\p{Cc}/u);
    }),
  );
});

describe('all problems', () => {
  const at = (file: string, line: number, column: number, severity: 'error' | 'warning') =>
    problem({
      message: `${file}-${line}-${column}`,
      severity,
      place: { ...place('x', column, 1), file, line },
    });
  const order = (text: string) =>
    [...text.matchAll(/^(?:error|warning): .*?([^ ]+)$/gm)].map((match) => match[1]);

  test('by file, line and column, with a count', () => {
    const text = problemsText(
      [
        at('b', 1, 1, 'error'),
        at('a', 10, 1, 'warning'),
        at('a', 9, 2, 'error'),
        at('a', 9, 1, 'error'),
        problem({}),
      ],
      plainPaint,
    );
    expect(order(text)).toEqual(['m', 'a-9-1', 'a-9-2', 'a-10-1', 'b-1-1']);
    expect(text).toMatch(/\n4 errors, 1 warning\n$/);
  });

  test('one needs no count, none no text', () => {
    expect(problemsText([problem({})], plainPaint)).toBe('error: m\n');
    expect(problemsText([], plainPaint)).toBe('');
  });

  test('a flood is cut', () => {
    const text = problemsText(
      Array.from({ length: 5_000 }, () => problem({})),
      plainPaint,
    );
    expect(text.split('\n')).toHaveLength(102);
    expect(text).toMatch(/\n5000 errors \(showing the first 100\)\n$/);
  });
});
