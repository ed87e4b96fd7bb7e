import { describe, expect, test } from 'vitest';
import { readYaml } from '../../src/config/yaml/yaml.ts';
import type { Stretch, ValuePath } from '../../src/config/yaml/value-path.ts';

const problemsOf = (text: string) =>
  readYaml('f.yaml', text).problems.map(({ code, severity, place }) => [
    code,
    severity,
    place?.line,
    place?.column,
    place?.length,
  ]);

describe('values', () => {
  test.each<[string, unknown]>([
    ['', null],
    ['# nothing\n', null],
    ['\uFEFFa: b', { a: 'b' }],
    ['a: b\r\nc: 5\r\n', { a: 'b', c: 5 }],
    ['a: no\nb: true\nc: 1_0\nd: ~', { a: 'no', b: true, c: '1_0', d: null }],
    ['010: a\n0x10: b\nnull: c\ntrue: d', { '010': 'a', '0x10': 'b', null: 'c', true: 'd' }],
    ['a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['<<: {a: 1}\nb: 2', { a: 1, b: 2 }],
    ['x: &x {a: 1, b: 1}\ny:\n  <<: *x\n  b: 2', { x: { a: 1, b: 1 }, y: { a: 1, b: 2 } }],
    ['x: &x {a: 1}\ny: {<<: [*x, {a: 2, b: 3}]}', { x: { a: 1 }, y: { a: 1, b: 3 } }],
    ['"<<": 5', { '<<': 5 }],
  ])('%j', (text, expected) => {
    const { value, problems } = readYaml('f.yaml', text);
    expect(problems).toEqual([]);
    expect(value).toEqual(expected);
  });

  test('a key may be named __proto__', () => {
    const { value } = readYaml('f.yaml', '__proto__: {a: 1}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });
});

test.each([
  ['a:\n  b: 1\n   c: 2', /^start all items of a list or a map in the same column/],
  ['a:\n    b: 1\n  c: 2', /^start all items/],
  ['a:\n  - 1\n - 2', /^start all items/],
  ['a:\n  b: [1,\n2]', /^indent it further, or put a string with brackets in quotes/],
])('the remedy of wrong indentation is about it: %j', (text, remedy) => {
  expect(readYaml('f.yaml', text).problems[0]?.remedy).toMatch(remedy);
});

describe('places', () => {
  const TEXT = [
    'pipelines:',
    "  ingest: 'it''s | b'",
    '  list:',
    '  - &one wc -l',
    '  - {command: "a \\t| b"}',
    '  - *one',
    '  empty:',
    '  block: |',
    '    a | b',
    '  folded: a',
    '    | b',
  ].join('\n');

  test.each<
    [ValuePath, 'value' | 'key' | Stretch | undefined, [line: number, column: number, length: number]]
  >([
    [[], undefined, [1, 1, 10]],
    [['pipelines'], 'key', [1, 1, 9]],
    [['pipelines'], undefined, [1, 1, 9]],
    [['pipelines', 'ingest'], 'key', [2, 3, 6]],
    [['pipelines', 'ingest'], undefined, [2, 11, 11]],
    [['pipelines', 'ingest'], { at: 5, length: 1 }, [2, 18, 1]],
    [['pipelines', 'list'], undefined, [3, 3, 4]],
    [['pipelines', 'list', 0], undefined, [4, 10, 5]],
    [['pipelines', 'list', 0], { at: 3, length: 2 }, [4, 13, 2]],
    [['pipelines', 'list', 1], undefined, [5, 5, 20]],
    [['pipelines', 'list', 1, 'command'], { at: 3, length: 1 }, [5, 20, 1]],
    [['pipelines', 'list', 2], undefined, [6, 5, 4]],
    [['pipelines', 'list', 2], { at: 0, length: 2 }, [4, 10, 2]],
    [['pipelines', 'empty'], undefined, [7, 3, 5]],
    [['pipelines', 'block'], { at: 2, length: 1 }, [8, 10, 1]],
    [['pipelines', 'folded'], { at: 2, length: 1 }, [10, 11, 1]],
    [['pipelines', 'nobody', 'x'], undefined, [1, 1, 9]],
    [['pipelines', 'ingest', 'x'], 'key', [2, 3, 6]],
  ])('%j %j', (path, part, [line, column, length]) => {
    const { placeOf, problems } = readYaml('f.yaml', TEXT);
    expect(problems).toEqual([]);
    expect(placeOf(path, part)).toEqual({
      file: 'f.yaml',
      line,
      column,
      length,
      text: TEXT.split('\n')[line - 1],
    });
  });
});

describe('problems', () => {
  test.each<[string, ReturnType<typeof problemsOf>]>([
    ['a: b: c', [['yaml-syntax', 'error', 1, 4, 1]]],
    ['a: "x\nb: y\n\n', [['yaml-syntax', 'error', 2, 4, 1]]],
    ['\ta: 1', [['yaml-syntax', 'error', 1, 1, 1]]],
    [
      'a: @b\nc: %d',
      [
        ['yaml-syntax', 'error', 1, 4, 1],
        ['yaml-syntax', 'error', 2, 4, 1],
      ],
    ],
    ['- a\nb: 1', [['yaml-syntax', 'error', 2, 1, 1]]],
    ['a: b\n---\nc: d', [['yaml-syntax', 'error', 2, 1, 3]]],
    ['? [a]\n: b', [['yaml-syntax', 'error', 1, 3, 1]]],
    [
      'a: 1\nb:\n  c: 2\n  c: 3\na: 4',
      [
        ['yaml-duplicate-key', 'error', 5, 1, 1],
        ['yaml-duplicate-key', 'error', 4, 3, 1],
      ],
    ],
    [
      'a: *x\nb: *.js',
      [
        ['yaml-unknown-alias', 'error', 1, 4, 2],
        ['yaml-unknown-alias', 'error', 2, 4, 4],
      ],
    ],
    ['a: !foo b', [['yaml-tag', 'warning', 1, 4, 4]]],
    ['a: b\n# \0', [['yaml-nul', 'error', 2, 3, 1]]],
    ['['.repeat(100_000), [['yaml-deep', 'error', 1, 101, 1]]],
    ['- '.repeat(50_000), [['yaml-deep', 'error', 1, 201, 1]]],
  ])('%#', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  test('one key more than once tells both lines', () => {
    expect(readYaml('f.yaml', 'a: 1\nb: 2\na: 3').problems[0]?.message).toBe(
      "duplicate key 'a' in lines 1 and 3",
    );
  });

  test('aliases to aliases are not written out', () => {
    const letters = 'abcdefghijk'.split('');
    const lines = letters.map((letter, index) => {
      const inner = index === 0 ? 'x' : `*${letters[index - 1] ?? ''}`;
      return `${letter}: &${letter} [${Array.from({ length: 9 }, () => inner).join(', ')}]`;
    });
    expect(problemsOf(lines.join('\n'))).toEqual([['yaml-aliases', 'error', 2, 8, 2]]);
  });

  test('more than a thousand aliases are refused', () => {
    expect(problemsOf(`a: &a b\nc: [${'*a,'.repeat(1_001)}]`)).toEqual([['yaml-aliases', 'error', 2, 5, 2]]);
    expect(problemsOf(`a: &a b\nc: [${'*a,'.repeat(900)}]`)).toEqual([]);
  });
});

describe('a merge key', () => {
  test.each(['<<: 5', 'a: &a [1]\nb: {<<: *a}', 'a: {<<: [{}, x]}'])('needs maps: %j', (text) => {
    expect(readYaml('f.yaml', text).problems).toMatchObject([
      { code: 'yaml-merge', message: "'<<' must name a map, or a list of maps" },
    ]);
  });

  test('that names its own map is not followed for ever', () => {
    expect(problemsOf('a: &a {b: 1, <<: *a}').map(([code]) => code)).toEqual(['yaml-aliases']);
  });

  test('leads to the place of what it merges', () => {
    const text = 'x: &x\n  a: 1\ny: &y\n  <<: *x\n  b: 2\nz:\n  <<: [{c: 3}, *y]\n';
    const { placeOf } = readYaml('f.yaml', text);
    const at = (...path: ValuePath) => {
      const { line, column } = placeOf(path);
      return [line, column];
    };
    expect([at('z', 'a'), at('z', 'b'), at('z', 'c'), at('z', 'd')]).toEqual([
      [2, 6],
      [5, 6],
      [7, 12],
      [6, 1],
    ]);
  });
});
