import type { Clock } from '../ports/clock.ts';
import type { ProcessGroups, ProcessGroup } from '../ports/processes.ts';

const FIRST_LOOK_MS = 5;
const LONGEST_WAIT_MS = 100;
const NOBODY: ReadonlySet<number> = new Set();

export interface SurvivorWatch {
  /** The polite time is over: from now on whoever is found is killed. */
  kill(): void;
}

/**
 * Calls back once nothing of the process group lives on; nobody tells us of the end of a process that is not our child. They
 * were asked to go when the watch began. Who has been started since is asked as soon as it is seen.
 */
export function watchSurvivors(
  processGroups: ProcessGroups,
  processGroup: ProcessGroup,
  clock: Clock,
  gone: () => void,
): SurvivorWatch {
  const { runId } = processGroup;
  let isKilling = false;
  let heard = new Set(processGroups.marked(runId));

  const look = (waitMs: number): void => {
    const found = isKilling
      ? processGroups.signalMarked(runId, 'SIGKILL', NOBODY)
      : processGroups.signalMarked(runId, 'SIGTERM', heard);
    if (found.length === 0 && !processGroups.hasGroup(processGroup)) return gone();
    heard = new Set(found);
    clock.after(waitMs, () => look(Math.min(waitMs * 2, LONGEST_WAIT_MS)));
  };

  clock.after(FIRST_LOOK_MS, () => look(FIRST_LOOK_MS));
  return { kill: () => (isKilling = true) };
}
