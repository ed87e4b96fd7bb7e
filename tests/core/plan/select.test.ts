import { expect, test } from 'vitest';
import { selectInstances } from '../../../src/core/plan/select.ts';

const INSTANCES = ['web.1', 'web.2', 'worker.1'].map((name) => ({ name, process: name.split('.')[0] ?? '' }));
const PROCESSES = ['web', 'worker', 'idle'];

test.each([
  [[], ['web.1', 'web.2', 'worker.1'], []],
  [['web'], ['web.1', 'web.2'], []],
  [['worker', 'web.2'], ['web.2', 'worker.1'], []],
  [['web.2', 'web', 'web.2'], ['web.1', 'web.2'], []],
  [['idle'], [], []],
  [['wbe'], [], [['wbe', 'web']]],
  [['web.3', 'web.1'], ['web.1'], [['web.3', 'web.1']]],
  [['nothing', 'nothing'], [], [['nothing', undefined]]],
  [
    ['constructor', '__proto__'],
    [],
    [
      ['constructor', undefined],
      ['__proto__', undefined],
    ],
  ],
] as const)('%j', (words, names, unknown) => {
  const selection = selectInstances(words, INSTANCES, PROCESSES);
  expect(selection.names).toEqual(names);
  expect(selection.unknown.map(({ word, meant }) => [word, meant])).toEqual(unknown);
});

test('where nothing runs, no words mean nobody', () => {
  expect(selectInstances([], [], [])).toEqual({ names: [], unknown: [] });
});
