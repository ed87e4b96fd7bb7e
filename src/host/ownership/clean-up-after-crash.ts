/** Stops the processes that a killed supervisor left running before anything is started: no process may run twice. */
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

export async function cleanUpAfterCrash({ lock, crashed }: Held): Promise<readonly PreviousEnd[]> {
  const stopSignals = createStopSignals(createProcessGroups());
  const { boot } = ownIdentity();
  const ends: PreviousEnd[] = [];
  for (const owner of crashed) {
    if (owner.mark === null) continue;
    const { identity, mark, since, pipes } = owner;
    const { found } = await sweep(stopSignals, mark, GRACE_MS, systemClock);
    if (pipes !== undefined) removeOrphanedFifos(pipes);
    removeSharedMemory(mark);
    const how = identity.boot === boot ? 'killed' : 'machine-restarted';
    ends.push({ type: 'previous-ended', pid: identity.pid, since, how, leftovers: found });
  }
  lock.removeCrashed();
  return ends;
}
