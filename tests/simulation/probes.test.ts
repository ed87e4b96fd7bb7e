import { describe, expect, it } from 'vitest';
import { createRunChecks } from '../../src/runtime/checks.ts';
import { loadMutant } from './load-mutant.ts';
import { PROBE_MUTANTS } from './probe-mutants.ts';
import { liveProbed, type ProbeCore } from './probes.ts';

const LIVES = 500;

describe('checks of programs that get ready late, half or never, fall ill and end', () => {
  it('ask and tell what they promise', () => {
    const total = { ready: 0, unready: 0, unhealthy: 0, asks: 0 };
    for (let seed = 1; seed <= LIVES; seed += 1) {
      const { violations, counts } = liveProbed(seed, { createRunChecks });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    expect(total.ready).toBeGreaterThan(LIVES / 3);
    expect(total.unready).toBeGreaterThan(LIVES / 10);
    expect(total.unhealthy).toBeGreaterThan(LIVES / 20);
    expect(total.asks).toBeGreaterThan(LIVES);
  });

  it.each(PROBE_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<ProbeCore>(
      mutant,
      "export { createRunChecks } from '../runtime/checks.ts';",
    );
    const findsIt = (seed: number) => liveProbed(seed, core).violations.length > 0;
    expect(Array.from({ length: LIVES }, (_, index) => index + 1).some(findsIt)).toBe(true);
  });
});
