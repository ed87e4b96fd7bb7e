import { expect, it } from 'vitest';
import { outputProblems } from '../../../src/core/task/overlap.ts';
import { taskOf } from '../../helpers/tasks.ts';

const messages = (...all: readonly (readonly string[])[]) =>
  outputProblems(all.map((outputs, at) => taskOf({ name: 'abc'[at] ?? '', outputs }))).map(
    ({ message }) => message,
  );

it.each(['dist', 'dist/**', '*.js', '**/*.js', 'a/../dist', '**/dist'])('an output %s is fine', (output) => {
  expect(messages([output])).toEqual([]);
});

it.each([
  ['dist', 'dist', true],
  ['dist', 'dist/types', true],
  ['dist/**', 'dist/types/a.d.ts', true],
  ['dist', 'distribution', false],
  ['dist/*.js', 'dist/*.css', false],
  ['dist/a*.js', 'dist/*b.js', true],
  ['dist/a*', 'dist/b*', false],
  ['dist/?.js', 'dist/ab.js', false],
  ['**/*.js', 'lib/x/a.js', true],
  ['**/*.js', 'lib/x/a.css', false],
  ['**/dist/**', 'web/dist', true],
  ['a/**/b', 'a/b', true],
  ['{a,b}/x', 'b/x', true],
  ['*.js', 'lib/a.js', false],
])('outputs %s and %s overlap: %s', (one, other, expected) => {
  expect(messages([one], [other]).length === 1).toBe(expected);
  expect(messages([other], [one]).length === 1, 'in the other order').toBe(expected);
});

it.each([
  [['dist', '!dist/types'], ['dist/types']],
  [['dist', '!dist/types/**'], ['dist/types/*.d.ts']],
])('outputs %j and %j do not overlap, as one takes the others back', (one, other) => {
  expect(messages(one, other)).toEqual([]);
  expect(messages(other, one)).toEqual([]);
});

it('an overlap is told at the later task, in words of both', () => {
  expect(messages(['dist'], ['lib'], ['dist/x', 'lib'])).toEqual([
    "outputs of 'a' and 'c' overlap: 'dist' and 'dist/x'",
    "outputs of 'b' and 'c' overlap: 'lib' and 'lib'",
  ]);
});

it('outputs in different working directories do not overlap', () => {
  const tasks = ['web', 'api'].map((name) => taskOf({ name, workingDir: `/app/${name}`, outputs: ['dist'] }));
  expect(outputProblems(tasks)).toEqual([]);
});
