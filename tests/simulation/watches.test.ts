import { describe, expect, it } from 'vitest';
import { newWatch, stepWatch } from '../../src/core/watch/watch.ts';
import { loadMutant } from './load-mutant.ts';
import { WATCH_MUTANTS } from './watch-mutants.ts';
import { liveWatched, type WatchCore } from './watches.ts';

const LIVES = 200;

describe('watches in random lives', () => {
  it('do what has to be done, and nothing else', () => {
    const total = { act: 0, none: 0, loop: 0, forced: 0 };
    for (let seed = 1; seed <= LIVES; seed += 1) {
      const { violations, counts } = liveWatched(seed, { newWatch, stepWatch });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    expect(total.act).toBeGreaterThan(LIVES);
    expect(total.none).toBeGreaterThan(LIVES);
    expect(total.forced).toBeGreaterThan(LIVES / 20);
  });

  it.each(WATCH_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<WatchCore>(
      mutant,
      "export { newWatch, stepWatch } from './watch/watch.ts';",
    );
    const findsIt = (seed: number) => liveWatched(seed, core).violations.length > 0;
    expect(Array.from({ length: LIVES }, (_, index) => index + 1).some(findsIt)).toBe(true);
  });
});
