import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import { readEnvText } from '../../src/config/env/env-file.ts';

const read = (text: string) => readEnvText('.env', text, (input) => parse(input));
const deadLines = (text: string) =>
  read(text).problems.flatMap(({ code, place }) => (code === 'env-file-dead-line' ? [place?.line] : []));

test.each([
  ['A=1\n# c\n\n  # d\nB=2', { A: '1', B: '2' }],
  ['export X=1', { X: '1' }],
  ['X: 1\nX: 1', { X: '1' }],
  ['A=1\nA=2', { A: '2' }],
  ['A="a\nno assignment\nb"\nB=1', { A: 'a\nno assignment\nb', B: '1' }],
  ["A='x\n=y'\r\nB=1\r\n", { A: 'x\n=y', B: '1' }],
  ['A="1\nC=2"', { A: '1\nC=2' }],
  ['\uFEFFA=1', { A: '1' }],
  ['A=', { A: '' }],
])('%j yields what it says', (text, values) => {
  expect({ ...read(text).values }).toEqual(values);
  expect(read(text).problems).toEqual([]);
});

test.each([
  ['FOO', [1]],
  ['A=1\nfoo bar\nB=2', [2]],
  ['A=1\rfoo\rB=2', [2]],
  ['=x\nA=1', [1]],
  ['A B=1', [1]],
  ['source x\nA=1\n. y', [1, 3]],
  ["A='unclosed\nsecond\nB=1", [2]],
  ['A="one\ntwo"\nthree\nB="four\nfive"\nsix', [3, 6]],
  ['__proto__=3\nB=1', [1]],
  ['web: A=1\nexport\nlonely', [2, 3]],
])('%j has dead lines %j', (text, expected) => {
  expect(deadLines(text)).toEqual(expected);
});

test.each<[text: string, values: Record<string, string>, code: string, line: number]>([
  ['X=1\nTHEME={"color":"#fff","n":1}', { X: '1', THEME: '{"color":"' }, 'env-file-cut', 2],
  ['MSG=your order (#12)', { MSG: 'your order (' }, 'env-file-cut', 1],
  ['P=p@ss#word', { P: 'p@ss' }, 'env-file-cut', 1],
  ['P=#word', { P: '' }, 'env-file-cut', 1],
  ['\n\nOPEN="never closed\nLAST=ok', { OPEN: '"never closed', LAST: 'ok' }, 'env-file-quote', 3],
  ["A='", { A: "'" }, 'env-file-quote', 1],
  ['A="x" y', { A: '"x" y' }, 'env-file-quote', 1],
  ['A="a\\"b"', { A: 'a\\"b' }, 'env-file-escape', 1],
  ['A="C:\\\\x"', { A: 'C:\\\\x' }, 'env-file-escape', 1],
  ['A=1\nB=${A}2', { A: '1', B: '${A}2' }, 'env-file-reference', 2],
  ['B="${A}"', { B: '${A}' }, 'env-file-reference', 1],
  ['a.b-c=1', { 'a.b-c': '1' }, 'env-file-name', 1],
  ['1A=1', { '1A': '1' }, 'env-file-name', 1],
  ['A="x\ny"\nB=a\u00a0b', { A: 'x\ny', B: 'a\u00a0b' }, 'env-file-odd-character', 3],
  ['A=\u200bb', { A: '\u200bb' }, 'env-file-odd-character', 1],
  ['A=\u201cb c\u201d', { A: '\u201cb c\u201d' }, 'env-file-odd-character', 1],
])('%j is read as dotenv does, with a warning', (text, values, code, line) => {
  const { values: read_, problems } = read(text);
  expect({ ...read_ }).toEqual(values);
  expect(problems).toMatchObject([{ code, severity: 'warning', place: { line } }]);
  expect(problems[0]?.place?.text).toMatch(/^[\w.-]+=\*\*\*$/);
});

test.each([
  'A=1 # a comment',
  'A="x#y" # a comment',
  "A='${B} \\\" #'",
  'A="line\\nline"',
  'A={"foo": "bar baz"}',
  "A=Website (Production) it's",
  'A=it\u2019s',
  'A=$2b$10$abc',
  'A=\u{1f468}\u200d\u{1f469}',
  'A="-----BEGIN\nabc==\n-----END"',
])('%j is what everybody expects', (text) => {
  expect(read(text).problems).toEqual([]);
});

test('a name with an invisible character is told so', () => {
  expect(read('A\u200bB=1').problems).toMatchObject([
    { code: 'env-file-dead-line', remedy: 'remove the zero-width space U+200B from its name' },
  ]);
});

test('a dead line is shown without what may be a secret', () => {
  const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ';
  const shown = read(`PASSWORD hunter2\n${key}\n  MY KEY=secret`).problems.map(({ place }) => place?.text);
  expect(shown).toEqual(['PASSWORD ***', '***', '  MY ***']);
});

test('a NUL byte in a value is an error', () => {
  expect(read('A=1\nB=x\0y').problems).toMatchObject([
    { code: 'env-file-nul', severity: 'error', place: { line: 2 } },
  ]);
  expect(read('# \0\nA=1').problems).toEqual([]);
});

test('a large file of rubbish, and one of quoted lines, end soon', () => {
  expect(deadLines('rubbish\n'.repeat(20_000))).toHaveLength(20_000);
  expect(deadLines(`A="${'quoted line\n'.repeat(2_000)}"\nB=1`)).toEqual([]);
});
