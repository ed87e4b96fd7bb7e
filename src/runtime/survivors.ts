import type { Clock, Families, Family } from '../ports.ts';

const FIRST_LOOK_MS = 5;
const LONGEST_WAIT_MS = 100;

/** Calls back once nothing of the family lives on. Nobody tells us of the end of a process that is not our child. */
export function watchSurvivors(families: Families, family: Family, clock: Clock, gone: () => void): void {
  const look = (waitMs: number): void => {
    if (!families.hasGroup(family) && families.marked(family.runId).length === 0) return gone();
    clock.after(waitMs, () => look(Math.min(waitMs * 2, LONGEST_WAIT_MS)));
  };
  clock.after(FIRST_LOOK_MS, () => look(FIRST_LOOK_MS));
}
