/**
 * Stops the processes that a killed supervisor left running before anything is started: no process may run twice. What it
 * left on disk is removed.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import type { PreviousEnd } from '../../core/events.ts';
import { systemClock } from '../../os/clock.ts';
import { removeSharedMemory } from '../../os/files/shared-memory-place.ts';
import { removeOrphanedFifos } from '../../os/pipes/fifo-directory.ts';
import { createProcessGroups } from '../../os/process/groups.ts';
import { ownIdentity } from '../../os/process/identity.ts';
import { createStopSignals } from '../../runtime/stop-signals.ts';
import { sweep } from '../../runtime/sweep.ts';
import type { LockOutcome } from './lock.ts';

/** Its guardian, if it is still running, stops them as well. */
const GRACE_MS = 1000;

type Held = Extract<LockOutcome, { kind: 'held' }>;

export async function cleanUpAfterCrash({
  lock,
  crashed,
  places,
}: Pick<Held, 'lock' | 'crashed' | 'places'>): Promise<readonly PreviousEnd[]> {
  const stopSignals = createStopSignals(createProcessGroups());
  const { boot } = ownIdentity();
  const ends: PreviousEnd[] = [];
  for (const owner of crashed) {
    if (owner.mark === null) continue;
    const { identity, mark, since, pipes, socket } = owner;
    const { found } = await sweep(stopSignals, mark, GRACE_MS, systemClock);
    if (pipes !== undefined) removeOrphanedFifos(pipes);
    removeSharedMemory(mark);
    removeDeadSocket(socket);
    const how = identity.boot === boot ? 'killed' : 'machine-restarted';
    ends.push({ type: 'previous-ended', pid: identity.pid, since, how, leftovers: found });
  }
  // A run that ends soon opens none of its own, and would leave that one where it is.
  removeDeadSocket(places.socket);
  lock.removeCrashed();
  return ends;
}

/** The project is ours, so nobody listens there. What cannot be removed does no harm. */
function removeDeadSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    return;
  }
}
