import { expect, test } from 'vitest';
import { stepPool } from '../../../src/core/pool/step.ts';
import { MUTANTS } from './mutants.ts';
import { tellStory } from './story.ts';

const STORIES = 4000;

test('thousands of lives of pools break no invariant, and everything happens in them', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= STORIES; seed += 1) for (const what of tellStory(seed, stepPool)) seen.add(what);
  expect([...seen].sort()).toEqual(
    [
      ...['pull', 'start', 'signal', 'abandon', 'set-timer', 'clear-timer', 'set-delay', 'ask-gate', 'retry'],
      ...['finish', 'drop', 'deliver', 'end', 'halt', 'slot-lost', 'stop soon', 'stop now', 'stop kill'],
    ].sort(),
  );
});

test.each(Object.entries(MUTANTS))('a pool that %s is detected', (_, mutant) => {
  const tell = (): void => {
    for (let seed = 1; seed <= STORIES; seed += 1) tellStory(seed, mutant());
  };
  expect(tell).toThrow(/^seed \d+/);
});
