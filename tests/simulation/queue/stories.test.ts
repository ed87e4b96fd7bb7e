import { expect, test } from 'vitest';
import { createQueue } from '../../../src/core/exchange/queue/queue.ts';
import { loadMutant } from '../load-mutant.ts';
import { MUTANTS } from './mutants.ts';
import { Story, type CreateQueue } from './story.ts';

const SEEDS = 400;
const STEPS = 120;

test('queues keep their promises, whatever dies when', () => {
  let delivered = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const story = new Story(seed, createQueue);
    try {
      story.run(STEPS);
    } catch (error) {
      throw new Error(`seed ${String(seed)}: ${(error as Error).message}`, { cause: error });
    }
    delivered += story.delivered;
  }
  // It would be easy to keep promises to nobody.
  expect(delivered).toBeGreaterThan(10 * SEEDS);
});

test.each(MUTANTS.map((one) => [one.name, one] as const))(
  'a queue that %s is found out',
  async (_name, mutant) => {
    const broken = await loadMutant<{ createQueue: CreateQueue }>(
      { ...mutant, file: `exchange/queue/${mutant.file}` },
      "export { createQueue } from './exchange/queue/queue.ts';",
    );
    expect(() => {
      for (let seed = 1; seed <= SEEDS; seed += 1) new Story(seed, broken.createQueue).run(STEPS);
    }).toThrow();
  },
);
