import { describe, expect, it } from 'vitest';
import { NEW_DEMAND, stepDemand } from '../../src/core/sockets/demand.ts';
import { DEMAND_MUTANTS } from './demand-mutants.ts';
import { liveOnDemand, type DemandCore } from './demand.ts';
import { loadMutant } from './load-mutant.ts';

const LIVES = 300;

describe('processes that their clients start, in random lives', () => {
  it('are started and stopped when they are to be, and not else', () => {
    const total = { started: 0, idle: 0, rests: 0 };
    for (let seed = 1; seed <= LIVES; seed += 1) {
      const { violations, counts } = liveOnDemand(seed, { NEW_DEMAND, stepDemand });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    expect(Math.min(total.started, total.idle, total.rests)).toBeGreaterThan(LIVES);
  });

  it.each(DEMAND_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<DemandCore>(
      mutant,
      "export { NEW_DEMAND, stepDemand } from './sockets/demand.ts';",
    );
    const findsIt = (seed: number) => liveOnDemand(seed, core).violations.length > 0;
    expect(Array.from({ length: LIVES }, (_, index) => index + 1).some(findsIt)).toBe(true);
  });
});
