import { expect, test } from 'vitest';
import { remedyForFile, selectInstances } from '../../../src/core/plan/select.ts';

const INSTANCES = ['web.1', 'web.2', 'worker.1'].map((name) => ({ name, process: name.split('.')[0] ?? '' }));
const PROCESSES = ['web', 'worker', 'idle'];

test.each([
  [[], ['web.1', 'web.2', 'worker.1'], []],
  [['web'], ['web.1', 'web.2'], []],
  [['worker', 'web.2'], ['web.2', 'worker.1'], []],
  [['web.2', 'web', 'web.2'], ['web.1', 'web.2'], []],
  [['idle'], [], []],
  [['w*'], ['web.1', 'web.2', 'worker.1'], []],
  [['*.1', 'web'], ['web.1', 'web.2', 'worker.1'], []],
  [['work?r', 'id*'], ['worker.1'], []],
  [['x*', 'web.2'], ['web.2'], [['x*', undefined]]],
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

test.each([
  ['app.js', "add 'app: node app.js' to the Procfile, or run it with 'procsup run node app.js'"],
  [
    'src/tick.py',
    "add 'tick: python3 src/tick.py' to the Procfile, or run it with 'procsup run python3 src/tick.py'",
  ],
  ['web.1', undefined],
  ['a.constructor', undefined],
  ['web', undefined],
])('whoever starts %j as in other tools is told how', (word, remedy) => {
  expect(remedyForFile(word)).toBe(remedy);
});
