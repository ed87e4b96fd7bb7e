import { expect, test } from 'vitest';
import { parseFormation } from '../../../src/core/plan/formation.ts';

const PLANS = ['web', 'worker', '__proto__', 'constructor'].map((name) => ({ name, instances: 1 }));
const counts = (text: string | undefined) => [...(parseFormation(text, PLANS).value ?? []).values()];

test.each([
  [undefined, [1, 1, 1, 1]],
  ['', [1, 1, 1, 1]],
  ['web=2', [2, 1, 1, 1]],
  ['web=2,worker=0', [2, 0, 1, 1]],
  ['web=2,all=3', [2, 3, 3, 3]],
  ['all=0,web=1', [1, 0, 0, 0]],
  [' web = 2 , worker=1000,', [2, 1000, 1, 1]],
  ['__proto__=2,constructor=3', [1, 1, 2, 3]],
  ['web=007', [7, 1, 1, 1]],
])('%j', (text, expected) => {
  expect(parseFormation(text, PLANS).problems).toEqual([]);
  expect(counts(text)).toEqual(expected);
});

test.each([
  ['web', 'formation-syntax', 1, 3],
  ['web=1,=2', 'formation-syntax', 7, 2],
  ['web=1, wroker=2', 'formation-unknown-name', 8, 8],
  ['web=', 'formation-count', 1, 4],
  ['web=-1', 'formation-count', 1, 6],
  ['web=1001', 'formation-count', 1, 8],
  ['web=1.5', 'formation-count', 1, 7],
  ['web=1=2', 'formation-count', 1, 7],
  [`web=${'9'.repeat(400)}`, 'formation-count', 1, 404],
  ['web=1,web=1', 'formation-duplicate-name', 7, 5],
  ['web:1', 'formation-syntax', 1, 5],
  [',', 'formation-syntax', 1, 1],
  ['web=2,,worker=1', 'formation-syntax', 7, 1],
  ['web=2, ,worker=1', 'formation-syntax', 8, 1],
  ['toString=1', 'formation-unknown-name', 1, 10],
])('%j is wrong', (text, code, column, length) => {
  const { value, problems } = parseFormation(text, PLANS);
  expect(value).toBeUndefined();
  expect(problems).toMatchObject([
    { code, severity: 'error', place: { file: '--formation', line: 1, column, length, text } },
  ]);
});

test.each([
  [undefined, [3, 1]],
  ['web=2', [2, 1]],
  ['all=4', [4, 4]],
  ['worker=0', [3, 0]],
])('%j goes before what the plans say', (text, expected) => {
  const plans = [
    { name: 'web', instances: 3 },
    { name: 'worker', instances: 1 },
  ];
  expect([...(parseFormation(text, plans).value ?? []).values()]).toEqual(expected);
});

test('finds everything that is wrong at once, and what was meant', () => {
  const { problems } = parseFormation('wbe=1,worker=x', PLANS);
  expect(problems.map(({ code }) => code)).toEqual(['formation-unknown-name', 'formation-count']);
  expect(problems[0]?.remedy).toMatch(/^did you mean 'web'\? the Procfile has web, worker/);
});

test('without any process, names are not judged', () => {
  expect(parseFormation('web=2', []).problems).toEqual([]);
});
