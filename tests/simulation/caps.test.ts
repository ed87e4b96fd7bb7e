import { describe, expect, it } from 'vitest';
import { fleetSpec, newFleet } from '../../src/core/fleet/state.ts';
import { stepFleet, stepFleetThoroughly } from '../../src/core/fleet/step.ts';
import { CAP_MUTANTS } from './cap-mutants.ts';
import { liveWithCaps, type CapCore } from './caps.ts';
import { loadMutant } from './load-mutant.ts';

const LIVES = 300;
const SEEDS = Array.from({ length: LIVES }, (_, at) => at + 1);

describe('caps in random lives of members and clients', () => {
  it('are kept, and given in turn', () => {
    const total = { grants: 0, waits: 0, refusals: 0, restarts: 0 };
    for (const seed of SEEDS) {
      const { violations, counts } = liveWithCaps(seed, {
        fleetSpec,
        newFleet,
        stepFleet,
        stepFleetThoroughly,
      });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(LIVES / 2);
  });

  it.each(CAP_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<CapCore>(
      mutant,
      "export { fleetSpec, newFleet } from './fleet/state.ts'; export { stepFleet, stepFleetThoroughly } from './fleet/step.ts';",
    );
    expect(SEEDS.some((seed) => liveWithCaps(seed, core).violations.length > 0)).toBe(true);
  });
});
