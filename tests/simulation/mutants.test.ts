import { expect, it } from 'vitest';
import { END_MUTANTS } from './end-mutants.ts';
import { liveOnce, STORIES } from './live-once.ts';
import { loadMutant } from './load-mutant.ts';
import { MUTANTS } from './mutants.ts';
import { ROLL_MUTANTS } from './roll-mutants.ts';
import type { Core } from './oracle.ts';
import { TELLING } from './telling.ts';

const FLEET =
  "export { fleetSpec, manned, newFleet } from './fleet/state.ts';" +
  "export { ROLLS } from './fleet/roll.ts';" +
  "export { isUnderway } from './fleet/member.ts';" +
  "export { judged } from './process/exit.ts';" +
  "export { createSchedules } from '../runtime/schedules.ts';" +
  "export { stepFleet, stepFleetThoroughly } from './fleet/step.ts';";

/** Seeds of stories that find many mutants, for those without one of their own. */
const USUAL = [
  14, 16, 58, 30, 76, 25, 110, 160, 7, 15, 35, 36, 38, 45, 66, 101, 117, 120, 124, 135, 148, 159,
];
const ALL = Array.from({ length: STORIES }, (_, index) => index + 1);

it.each([...MUTANTS, ...END_MUTANTS, ...ROLL_MUTANTS])(
  'the stories find the mutant: $name',
  async (mutant) => {
    const core = await loadMutant<Core>(mutant, FLEET);
    const findsIt = (seed: number) => {
      try {
        return liveOnce(seed, core).violations.length > 0;
      } catch {
        return true;
      }
    };
    const { [mutant.name]: own } = TELLING;
    if (own !== undefined && findsIt(own)) return;
    const seed = [...USUAL, ...ALL].find(findsIt);
    expect(seed).toBeDefined();
    // No failure: it takes only longer than it need.
    console.warn(`tests/simulation/telling.ts: story ${String(seed)} finds the mutant '${mutant.name}'`);
  },
);
