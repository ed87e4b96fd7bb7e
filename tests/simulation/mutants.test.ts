import { expect, it } from 'vitest';
import { END_MUTANTS } from './end-mutants.ts';
import { liveOnce, STORIES } from './live-once.ts';
import { loadMutant } from './load-mutant.ts';
import { MUTANTS } from './mutants.ts';
import type { Core } from './oracle.ts';

/**
 * Seeds of stories that find many mutants, or one that few others find. They are tried first, which saves most of the time;
 * all others follow.
 */
const TELLING = [
  ...[14, 16, 58, 30, 76, 25, 110, 160, 7, 15, 35, 36, 38, 45, 66, 101, 117, 120, 124, 135, 148, 159],
  ...[168, 186, 234, 285, 396, 579, 649, 730, 850],
  ...[46, 83, 127, 202, 1214, 3, 5, 32, 68, 87, 101, 112, 137, 346],
];
const SEEDS = [...TELLING, ...Array.from({ length: STORIES }, (_, index) => index + 1)];

const FLEET =
  "export { fleetSpec, manned, newFleet } from './fleet/state.ts';" +
  "export { isUnderway } from './fleet/member.ts';" +
  "export { judged } from './process/exit.ts';" +
  "export { createSchedules } from '../runtime/schedules.ts';" +
  "export { stepFleet, stepFleetThoroughly } from './fleet/step.ts';";

it.each([...MUTANTS, ...END_MUTANTS])('the stories find the mutant: $name', async (mutant) => {
  const core = await loadMutant<Core>(mutant, FLEET);
  const findsIt = (seed: number) => {
    try {
      return liveOnce(seed, core).violations.length > 0;
    } catch {
      return true;
    }
  };
  expect(SEEDS.some(findsIt)).toBe(true);
});
