import { describe, expect, it } from 'vitest';
import { createBarrier } from '../../../src/core/exchange/barrier/barrier.ts';
import { createChannel } from '../../../src/core/exchange/channel/channel.ts';
import { createFlag } from '../../../src/core/exchange/flag/flag.ts';
import { createValue } from '../../../src/core/exchange/value/value.ts';
import { loadMutant, type Mutant } from '../load-mutant.ts';
import { liveChannel } from './channels.ts';
import { liveBarrier, liveFlag, liveValue, type Life } from './small.ts';
import { BARRIER_MUTANTS, CHANNEL_MUTANTS, FLAG_MUTANTS, VALUE_MUTANTS } from './small-mutants.ts';

const LIVES = 1000;
const SEEDS = Array.from({ length: LIVES }, (_, at) => at + 1);
const CORE = { createValue, createFlag, createBarrier, createChannel };
type Core = typeof CORE;

const EXPORTS = `
  export { createValue } from './exchange/value/value.ts';
  export { createFlag } from './exchange/flag/flag.ts';
  export { createBarrier } from './exchange/barrier/barrier.ts';
  export { createChannel } from './exchange/channel/channel.ts';
`;

const KINDS: readonly [string, (seed: number, core: Core) => Life, number, readonly Mutant[]][] = [
  ['a value', liveValue, 4, VALUE_MUTANTS],
  ['a flag', liveFlag, 3, FLAG_MUTANTS],
  ['a barrier', liveBarrier, 3, BARRIER_MUTANTS],
  ['a channel', liveChannel, 6, CHANNEL_MUTANTS],
];

describe.each(KINDS)('%s in random lives', (_kind, live, kinds, mutants) => {
  it('keeps its promises', () => {
    const total: Record<string, number> = {};
    for (const seed of SEEDS) {
      const { violations, counts } = live(seed, CORE);
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const [kind, count] of Object.entries(counts)) total[kind] = (total[kind] ?? 0) + count;
    }
    expect(Object.keys(total).length).toBe(kinds);
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(LIVES / 10);
  });

  it.each(mutants)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<Core>(mutant, EXPORTS);
    expect(
      SEEDS.some((seed) => {
        try {
          return live(seed, core).violations.length > 0;
        } catch {
          // It has fallen over.
          return true;
        }
      }),
    ).toBe(true);
  });
});
