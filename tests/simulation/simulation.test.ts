import { describe, expect, it } from 'vitest';
import { manned, newFleet } from '../../src/core/fleet-state.ts';
import { stepFleet, stepFleetThoroughly } from '../../src/core/fleet.ts';
import { loadMutant, MUTANTS } from './mutants.ts';
import { seeded } from './random.ts';
import { randomStory } from './stories.ts';
import type { Core } from './oracle.ts';
import { live, type Life } from './world.ts';

const STORIES = 2000;
const CORE: Core = { newFleet, stepFleet, stepFleetThoroughly, manned };

function liveOnce(seed: number, core: Core): Life {
  const random = seeded(seed);
  return live(randomStory(random), core, random);
}

describe('the fleet in thousands of random life stories', () => {
  it('keeps what it promises in every one of them', () => {
    const total = { runs: 0, signals: 0, tickets: 0, drops: 0, pipes: 0 };
    for (let seed = 1; seed <= STORIES; seed += 1) {
      const { violations, counts } = liveOnce(seed, CORE);
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      total.runs += counts.runs;
      total.signals += counts.signals;
      total.tickets += counts.tickets;
      total.drops += counts.drops;
      total.pipes += counts.pipes;
    }
    expect(total.runs).toBeGreaterThan(STORIES);
    expect(total.signals).toBeGreaterThan(STORIES);
    expect(total.tickets).toBeGreaterThan(STORIES);
    expect(total.drops).toBeGreaterThan(STORIES / 3);
    expect(total.pipes).toBeGreaterThan(STORIES);
  });

  it.each(MUTANTS)('finds the mutant: $name', async (mutant) => {
    const core = await loadMutant(mutant);
    const findsIt = (seed: number) => {
      try {
        return liveOnce(seed, core).violations.length > 0;
      } catch {
        return true;
      }
    };
    expect(Array.from({ length: STORIES }, (_, seed) => seed + 1).some(findsIt)).toBe(true);
  });
});
