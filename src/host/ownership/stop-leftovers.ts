/** If a supervisor was killed together with its guardian, `down` stops the processes that it left running. */
import type { PreviousEnd } from '../../core/events.ts';
import { cleanUpAfterCrash } from './clean-up-after-crash.ts';
import { acquireLock } from './lock.ts';
import { newRunTag } from '../run-tag.ts';

/** Returns the supervisors whose processes were stopped; none if another supervisor owns the project by now. */
export async function endLeftovers(root: string, env: NodeJS.ProcessEnv): Promise<readonly PreviousEnd[]> {
  const locked = await acquireLock(root, 'foreground', newRunTag(), env);
  if (locked.kind !== 'held') return [];
  try {
    return await cleanUpAfterCrash(locked);
  } finally {
    locked.lock.release();
  }
}
