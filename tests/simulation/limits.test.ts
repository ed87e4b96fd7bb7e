import { describe, expect, it } from 'vitest';
import { lookAt, NEW_LIMITS } from '../../src/core/limits/limits.ts';
import { LIMIT_MUTANTS } from './limit-mutants.ts';
import { liveLimited, type LimitsCore } from './limits.ts';
import { loadMutant } from './load-mutant.ts';

const LIVES = 200;

describe('limits in random lives', () => {
  it('do what has to be done, and nothing else', () => {
    const total = { warn: 0, restart: 0, stop: 0, recovered: 0, inTurn: 0 };
    for (let seed = 1; seed <= LIVES; seed += 1) {
      const { violations, counts } = liveLimited(seed, { lookAt, NEW_LIMITS });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(LIVES);
  });

  it.each(LIMIT_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<LimitsCore>(
      mutant,
      "export { lookAt, NEW_LIMITS } from './limits/limits.ts';",
    );
    const findsIt = (seed: number) => liveLimited(seed, core).violations.length > 0;
    expect(Array.from({ length: LIVES }, (_, index) => index + 1).some(findsIt)).toBe(true);
  });
});
