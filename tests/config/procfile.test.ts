import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProcfile, readProcfile } from '../../src/config/procfile.ts';

const pairs = (text: string) =>
  readProcfile(text, 'Procfile').processes.map(({ name, command }) => [name, command]);
const codes = (text: string) =>
  readProcfile(text, 'Procfile').problems.map(({ code, place }) => [code, place?.line, place?.column]);

describe('a process', () => {
  test.each([
    ['web: node a.js', 'web', 'node a.js'],
    ['web:node a.js', 'web', 'node a.js'],
    ['web:\tnode a.js', 'web', 'node a.js'],
    ['web: node a.js \t ', 'web', 'node a.js'],
    ['web: node a.js\r', 'web', 'node a.js'],
    ['\uFEFFweb: node', 'web', 'node'],
    ['web: a: b # c "d" $E', 'web', 'a: b # c "d" $E'],
    ['web:: x', 'web', ': x'],
    ['A-b_9: x', 'A-b_9', 'x'],
    ['-: x', '-', 'x'],
    ['__proto__: x', '__proto__', 'x'],
    ['constructor: x', 'constructor', 'x'],
    ['web: a \\\n  b\\\r\nc', 'web', 'a   bc'],
    ['web: a \\\\\n', 'web', 'a \\\\'],
    ["web: echo 'it\u2019s' it\u2019s", 'web', "echo 'it\u2019s' it\u2019s"],
    [`${'n'.repeat(63)}: x`, 'n'.repeat(63), 'x'],
  ])('%j', (text, name, command) => {
    expect(pairs(text)).toEqual([[name, command]]);
    expect(codes(text)).toEqual([]);
  });

  test('has the place of its name', () => {
    const { value } = parseProcfile('# first\r\n\r\nweb: a\r\noops\r\nworker: b', 'Procfile');
    expect(value).toMatchObject([
      { name: 'web', place: { file: 'Procfile', line: 3, column: 1, length: 3, text: 'web: a' } },
      { name: 'worker', place: { file: 'Procfile', line: 5, column: 1, length: 6, text: 'worker: b' } },
    ]);
  });
});

test('a command goes on after a backslash at the end of its line, and places stay those of the lines', () => {
  expect(pairs('# c \\\nweb: a \\\n  --b \\\n  c\nworker: x')).toEqual([
    ['web', 'a   --b   c'],
    ['worker', 'x'],
  ]);
  expect(codes('web: a \\\n b\noops')).toEqual([['procfile-ignored-line', 3, 1]]);
});

test.each([
  ['web: a \\\nworker: b', [['procfile-continued', 1, 8]], /^the command of 'web': line 2 continues it/],
  ['ok: x\nweb: a \\\n', [['procfile-continued', 2, 8]], /no line follows/],
  ['web:\u00a0\u00a0node a', [['procfile-odd-character', 1, 5]], /contains the no-break space U\+00A0$/],
  ['web: sleep\u00a030', [['procfile-odd-character', 1, 11]], /U\+00A0/],
  ['web: a \u200bb', [['procfile-odd-character', 1, 8]], /zero-width space/],
  ['web: x\u2028y', [['procfile-odd-character', 1, 7]], /invisible character U\+2028/],
  ['web: echo \u201ca b\u201d', [['procfile-odd-character', 1, 11]], /typographic quote U\+201C/],
])('%j is read with a warning', (text, places, message) => {
  expect(codes(text)).toEqual(places);
  const { problems } = readProcfile(text, 'Procfile');
  expect(problems).toMatchObject([
    { severity: 'warning', message: expect.stringMatching(message) as string },
  ]);
});

test.each(['', '\n', '   ', '\t', '# web: x', '   # web: x', '#', '\r'])('%j is nothing', (line) => {
  expect(pairs(`web: x\n${line}\nworker: y\n`)).toHaveLength(2);
  expect(codes(`web: x\n${line}\nworker: y\n`)).toEqual([]);
});

test.each([
  ['web', 1, "use 'name: command'"],
  ['web:', 1, 'add a command'],
  ['web:   ', 1, 'add a command'],
  ['web : x', 1, 'before the colon'],
  ['  web: x', 3, 'before the name'],
  ['wéb: x', 1, 'letters'],
  ['w\u200beb: x', 1, 'remove the zero-width space U+200B from the name'],
  ['my.app: x', 1, 'letters'],
  ['FOO=1', 1, '.env'],
  ['export FOO=1', 1, '.env'],
  ['web: a\rworker: b', 1, 'line endings'],
  ['\0: x', 1, 'letters'],
])('%j is ignored with a warning', (line, column, remedy) => {
  const { value, problems } = parseProcfile(`ok: x\n${line}\n`, 'dir/Procfile');
  expect(value).toHaveLength(1);
  expect(problems).toMatchObject([
    { code: 'procfile-ignored-line', severity: 'warning', place: { file: 'dir/Procfile', line: 2, column } },
  ]);
  expect(problems[0]?.remedy).toContain(remedy);
});

describe('errors', () => {
  test('name both lines of a duplicate', () => {
    const { value, problems } = parseProcfile('web: a\n\nweb: b\nweb: c', 'Procfile');
    expect(value).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual([
      "duplicate process name 'web' in lines 1 and 3",
      "duplicate process name 'web' in lines 1 and 4",
    ]);
    expect(problems[0]?.place).toEqual({ file: 'Procfile', line: 3, column: 1, length: 3, text: 'web: b' });
  });

  test.each([
    [`${'n'.repeat(64)}: x`, 'procfile-long-name', 1],
    ['web: a\0b', 'procfile-nul', 7],
  ])('%j', (text, code, column) => {
    expect(codes(text)).toEqual([[code, 1, column]]);
    expect(parseProcfile(text, 'Procfile').value).toBeUndefined();
  });

  test.each(['', '\n\n', '# only', 'nothing here'])('no process in %j', (text) => {
    const { value, problems } = parseProcfile(text, 'Procfile');
    expect(value).toBeUndefined();
    expect(problems.at(-1)?.code).toBe('procfile-empty');
  });
});

test('lines of 10 MB and a million lines are nothing special', () => {
  const long = 'x'.repeat(10_000_000);
  expect(pairs(`web: ${long}`)).toEqual([['web', long]]);
  expect(codes(`web: x\n${long}`)).toEqual([['procfile-ignored-line', 2, 1]]);
  expect(codes(`web: x\n${' '.repeat(10_000_000)}`)).toEqual([]);
  expect(codes(`web: x\n${' '.repeat(100_000)}y`)).toEqual([['procfile-ignored-line', 2, 100_001]]);
  expect(codes(`web: x${'\n'.repeat(1_000_000)}`)).toEqual([]);
});

test('never throws, and places are inside the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('w', ':', ' ', '#', '\n', '\r', '\0', '\t', 'é', '\uFEFF') }),
      (text) => {
        const lines = text.replace(/^\uFEFF/, '').split('\n');
        for (const { place } of readProcfile(text, 'P').problems) {
          if (!place) continue;
          expect(lines[place.line - 1]).toContain(place.text);
          expect(place.column - 1 + place.length).toBeLessThanOrEqual(place.text.length);
          expect(place.length).toBeGreaterThan(0);
        }
      },
    ),
  );
});
