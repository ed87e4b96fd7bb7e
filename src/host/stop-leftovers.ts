/** If a supervisor was killed together with its guardian, `down` stops the processes that it left running. */
import type { PreviousEnd } from '../core/events.ts';
import { buryDead } from './clean-up-after-crash.ts';
import { claim } from './lock.ts';
import { newMark } from './run-tag.ts';

/** Returns the supervisors whose processes were stopped; none if another supervisor owns the project by now. */
export async function endLeftovers(root: string, env: NodeJS.ProcessEnv): Promise<readonly PreviousEnd[]> {
  const claimed = claim(root, 'foreground', newMark(), env);
  if (claimed.kind !== 'held') return [];
  try {
    return await buryDead(claimed);
  } finally {
    claimed.lock.release();
  }
}
