import { describe, expect, it } from 'vitest';
import { newLock, stepLock } from '../../../src/core/exchange/lock/lock.ts';
import { loadMutant } from '../load-mutant.ts';
import { liveLock, type LockCore } from './locks.ts';
import { LOCK_MUTANTS } from './mutants.ts';

const LIVES = 1000;
const SEEDS = Array.from({ length: LIVES }, (_, at) => at + 1);

describe('a lock in random lives of sessions', () => {
  it('is given in turn, to no more than it has slots, and deaths are told', () => {
    const total = { grants: 0, busy: 0, abandoned: 0, together: 0 };
    for (const seed of SEEDS) {
      const { violations, counts } = liveLock(seed, { newLock, stepLock });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(LIVES / 4);
  });

  it.each(LOCK_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<LockCore>(
      mutant,
      "export { newLock, stepLock } from './exchange/lock/lock.ts';",
    );
    expect(SEEDS.some((seed) => liveLock(seed, core).violations.length > 0)).toBe(true);
  });
});
