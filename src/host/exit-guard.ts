/** Should this process end without having ended what we have started, nothing of that outlives it. */
import { systemClock } from '../os/clock.ts';
import { removeSharedMemory } from '../os/files/shared-memory-place.ts';
import { onExitEvent } from '../os/process/exit-event.ts';
import type { Running } from './wire.ts';

export interface ExitGuard {
  remove(): void;
}

/** Loading it takes longer than many runs last; until it is there, the guardian alone has to do. */
const GUARD_AFTER_MS = 100;

/** For a process that is ours: it ends so only by a defect, or by a signal that nobody handles, and then all is killed. */
export function guardOurExit(running: Running): ExitGuard {
  let remove = systemClock.after(GUARD_AFTER_MS, () => {
    import('../os/process/exit-hook.ts').then(
      ({ onLastExit }) => (remove = onLastExit(() => killAll(running))),
      () => undefined,
    );
  });
  return { remove: () => remove() };
}

/**
 * For a program that we are a part of: it may call process.exit whenever it likes, and its signals are its own. The
 * guardian ends everything then, politely first; where it is lost, there is no time for that.
 */
export function guardExitOfProgram(running: Running): ExitGuard {
  const { groundwork } = running;
  const remove = onExitEvent(() => {
    if (!groundwork.guardianIsLost) return;
    killAll(running);
    groundwork.pipes.close();
    removeSharedMemory(running.runTag);
  });
  return { remove };
}

/** Called while this process exits: an error would change its status and keep the others from being killed. */
export function killAll({ processGroups, groundwork, runTag }: Killing): void {
  for (const pid of groundwork.guardian.groups) {
    attempt(() => processGroups.signal({ pid, runId: runTag }, 'SIGKILL', 'group'));
  }
  attempt(() => processGroups.signalMarked(runTag, 'SIGKILL'));
}

export interface Killing extends Pick<Running, 'processGroups' | 'runTag'> {
  readonly groundwork: { readonly guardian: Pick<Running['groundwork']['guardian'], 'groups'> };
}

/** What it cannot stop the guardian will: it outlives us. */
function attempt(deed: () => unknown): void {
  try {
    deed();
  } catch {
    return;
  }
}
