import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import { readEnvText } from '../../src/config/env-file.ts';

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
  ["A='", { A: "'" }],
  ['A="', { A: '"' }],
  ['a.b-c=1', { 'a.b-c': '1' }],
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
