import { describe, expect, it } from 'vitest';
import { isUnderway } from '../../src/core/fleet/member.ts';
import { fleetSpec, manned, newFleet } from '../../src/core/fleet/state.ts';
import { ROLLS } from '../../src/core/fleet/roll.ts';
import { stepFleet, stepFleetThoroughly } from '../../src/core/fleet/step.ts';
import { judged } from '../../src/core/process/exit.ts';
import { createSchedules } from '../../src/runtime/schedules.ts';
import { liveOnce, STORIES } from './live-once.ts';
import type { Core } from './oracle.ts';

/** Lived in one test: none takes over some seconds on a busy machine. */
const BATCH = 200;
const BATCHES = Array.from({ length: STORIES / BATCH }, (_, index) => 1 + index * BATCH);
/** Later ones that have found faults, of the machine or of what is held against it. */
const TELLING = [
  ...[2901, 3772, 3852, 4331, 4812, 5533, 5874, 6323, 6980, 8399, 9814, 10701, 13505, 13970, 14088, 14570],
  ...[14727, 17248, 18555, 18726, 18952, 19075, 19917, 20258, 20346, 22115, 22676, 23111, 23116, 23219],
  ...[23564, 23618, 24712, 24987, 25422, 25457, 25609, 26197, 26363, 26626, 29538, 31106, 31528],
];
const CORE: Core = {
  ...{ newFleet, stepFleet, stepFleetThoroughly, manned },
  ...{ fleetSpec, judged, isUnderway, createSchedules, ROLLS },
};

describe('the fleet in thousands of random life stories', () => {
  it.each(BATCHES)('keeps what it promises in all from seed %i on', (first) => {
    const total = { runs: 0, signals: 0, tickets: 0, drops: 0, pipes: 0 };
    for (let seed = first; seed < first + BATCH; seed += 1) {
      const { violations, counts } = liveOnce(seed, CORE);
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      total.runs += counts.runs;
      total.signals += counts.signals;
      total.tickets += counts.tickets;
      total.drops += counts.drops;
      total.pipes += counts.pipes;
    }
    expect(total.runs).toBeGreaterThan(BATCH);
    expect(total.signals).toBeGreaterThan(BATCH);
    expect(total.tickets).toBeGreaterThan(BATCH);
    expect(total.drops).toBeGreaterThan(BATCH / 3);
    expect(total.pipes).toBeGreaterThan(BATCH);
  });

  it.each(TELLING)('keeps it in story %i', (seed) => {
    expect(liveOnce(seed, CORE).violations).toEqual([]);
  });
});
