/** Keeps the lock of a running supervisor where it is: without it, a second one would start, and no client finds this one. */
import { systemClock } from '../../os/clock.ts';
import type { LockOwner } from '../../os/files/lock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Locked } from './lock.ts';

/** Clients and new supervisors that find a living socket without a lock wait longer than this (`find-owner.ts`). */
const LOOK_AFTER_MS = 2000;

export interface LockKeeping {
  /** Its files had been removed, and were made again. */
  readonly renewed: () => void;
  /** Another supervisor has the project by now. Called once. */
  readonly taken: (owner: LockOwner) => void;
}

/** Returns how to stop it. */
export function keepLock(locked: Locked, on: LockKeeping, clock: Clock = systemClock): () => void {
  if (locked.kind !== 'held') return () => undefined;
  const { lock } = locked;
  let stop = (): void => undefined;
  const lookLater = (): void => {
    stop = clock.after(LOOK_AFTER_MS, () => {
      const kept = look();
      if (kept.kind === 'renewed') on.renewed();
      if (kept.kind === 'taken') on.taken(kept.owner);
      else lookLater();
    });
  };
  const look = (): ReturnType<typeof lock.keep> => {
    try {
      return lock.keep();
    } catch {
      return { kind: 'missing' }; // The disk may be full, or read-only for a while.
    }
  };
  lookLater();
  return () => stop();
}
