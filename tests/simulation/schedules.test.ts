import { describe, expect, it } from 'vitest';
import { cronTimes } from '../../src/os/cron.ts';
import { createSchedules } from '../../src/runtime/schedules.ts';
import { loadMutant } from './load-mutant.ts';
import { SCHEDULE_MUTANTS } from './schedule-mutants.ts';
import { liveBySchedule, type ScheduleCore } from './schedules.ts';

const LIVES = 100;

describe('schedules in random lives of the clock on the wall', () => {
  it('deal with each time once', () => {
    const total = { start: 0, replace: 0, skip: 0, queue: 0, miss: 0 };
    for (let seed = 1; seed <= LIVES; seed += 1) {
      const { violations, counts } = liveBySchedule(seed, { createSchedules, cronTimes });
      expect(violations, `seed ${String(seed)}`).toEqual([]);
      for (const kind of Object.keys(total) as (keyof typeof total)[]) total[kind] += counts[kind];
    }
    expect(total.start).toBeGreaterThan(LIVES);
    expect(total.replace).toBeGreaterThan(LIVES);
    expect(total.skip).toBeGreaterThan(LIVES);
    expect(total.queue).toBeGreaterThan(LIVES / 10);
    expect(total.miss).toBeGreaterThan(LIVES / 2);
  });

  it.each(SCHEDULE_MUTANTS)('find the mutant: $name', async (mutant) => {
    const core = await loadMutant<Omit<ScheduleCore, 'cronTimes'>>(
      mutant,
      "export { createSchedules } from '../runtime/schedules.ts';",
    );
    const findsIt = (seed: number) => liveBySchedule(seed, { ...core, cronTimes }).violations.length > 0;
    expect(Array.from({ length: LIVES }, (_, index) => index + 1).some(findsIt)).toBe(true);
  });
});
