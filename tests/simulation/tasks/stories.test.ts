import { expect, test } from 'vitest';
import { stepTasks } from '../../../src/core/task/step.ts';
import { MUTANTS } from './mutants.ts';
import { tellStory } from './story.ts';

const STORIES = 4000;

test('thousands of runs of tasks break no invariant, and everything happens in them', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= STORIES; seed += 1)
    for (const what of tellStory(seed, stepTasks)) seen.add(what);
  expect([...seen].sort()).toEqual(
    [
      ...['look', 'cancel-look', 'awaits', 'restore', 'hold', 'release', 'start', 'signal', 'abandon'],
      ...['take', 'give-back', 'awaits-uses'],
      ...['set-timer', 'clear-timer', 'time limit', 'retry', 'keep', 'drop', 'end'],
      ...[
        'finish succeeded',
        'finish cached',
        'finish failed',
        'finish skipped',
        'finish not-run',
        'finish stopped',
      ],
      ...['stop soon', 'stop now', 'stop kill'],
    ].sort(),
  );
});

test.each(Object.entries(MUTANTS))('a run that %s is detected', (_, mutant) => {
  const tell = (): void => {
    for (let seed = 1; seed <= STORIES; seed += 1) tellStory(seed, mutant());
  };
  expect(tell).toThrow(/^seed \d+/);
});
