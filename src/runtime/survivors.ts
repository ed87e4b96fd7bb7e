import type { Clock } from '../ports/clock.ts';
import type { Found, ProcessGroups, ProcessGroup } from '../ports/processes.ts';
import type { StopSignals } from './stop-signals.ts';

const FIRST_LOOK_MS = 5;
const LONGEST_WAIT_MS = 100;

/**
 * After the end of a program: may anything of it live on? What cannot be told may. Those that left the group are looked
 * for only on evidence, since that reads all of /proc: an open pipe is one.
 */
export function mayHaveSurvivors(
  processGroups: ProcessGroups,
  processGroup: ProcessGroup,
  pipeIsHeld: boolean,
): boolean {
  if (processGroups.presenceOf(processGroup).is !== 'gone') return true;
  return pipeIsHeld && mayBeSome(processGroups.marked(processGroup.runId));
}

/**
 * A program that makes itself a daemon exits while its child is still about to leave the session and to close what it has
 * inherited: it gets a moment for that, and is not taken for a forgotten background job. Calls back, at once if nothing is
 * there, whether anything has stayed.
 */
export function lookUntilApart(look: () => boolean, clock: Clock, done: (stayed: boolean) => void): void {
  const again = (waitMs: number): void => {
    if (!look()) return done(false);
    if (waitMs > LONGEST_WAIT_MS) return done(true);
    clock.after(waitMs, () => again(waitMs * 2));
  };
  again(FIRST_LOOK_MS);
}

const mayBeSome = ({ pids, missed }: Found): boolean => pids.length > 0 || missed !== null;

export interface SurvivorWatch {
  /** The grace period is over: remaining processes are killed from now on. */
  kill(): void;
}

/**
 * Calls back once nothing of the process group lives on, for certain; nobody tells us of the end of a process that is not our child. They
 * were asked to go when the watch began. Who has been started since is asked as soon as it is seen.
 */
export function watchSurvivors(
  processGroups: ProcessGroups,
  stopSignals: StopSignals,
  processGroup: ProcessGroup,
  clock: Clock,
  gone: () => void,
): SurvivorWatch {
  const { runId } = processGroup;
  let isKilling = false;

  const look = (waitMs: number): void => {
    const found = isKilling ? stopSignals.kill(runId) : stopSignals.toOthers(runId);
    if (!mayBeSome(found) && processGroups.presenceOf(processGroup).is === 'gone') return gone();
    clock.after(waitMs, () => look(Math.min(waitMs * 2, LONGEST_WAIT_MS)));
  };

  clock.after(FIRST_LOOK_MS, () => look(FIRST_LOOK_MS));
  return { kill: () => (isKilling = true) };
}
