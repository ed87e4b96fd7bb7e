/** The project is ours, or somebody else's, or cannot be locked, and then other terminals cannot reach us. */
import { systemClock } from '../os/clock.ts';
import { placesOf, type Places } from '../os/files/places.ts';
import { ownIdentity } from '../os/process/identity.ts';
import { lockProject, type LockOwner, type CrashedOwner, type ProjectLock } from '../os/files/lock.ts';
import { VERSION } from './version.ts';

export type LockOutcome = Locked | { readonly kind: 'busy'; readonly owner: LockOwner };

/** Nobody else has the project. */
export type Locked =
  | {
      readonly kind: 'held';
      readonly places: Places;
      readonly owner: LockOwner;
      readonly lock: ProjectLock;
      /** Owners that were killed, and whose processes may still be running. */
      readonly crashed: readonly CrashedOwner[];
    }
  /** Nothing can be written where lock files are. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody asked for a lock. */
  | { readonly kind: 'none' };

export function acquireLock(
  root: string,
  mode: LockOwner['mode'],
  runTag: string,
  env: NodeJS.ProcessEnv,
): LockOutcome {
  try {
    const places = placesOf(root, env);
    const own: LockOwner = {
      identity: ownIdentity(),
      root: places.root,
      socket: places.socket,
      mark: runTag,
      mode,
      since: new Date(systemClock.wallNow()).toISOString(),
      version: VERSION,
    };
    const outcome = lockProject(places.stateDirectory, own);
    if (!outcome.ok) return { kind: 'busy', owner: outcome.owner };
    return { kind: 'held', places, owner: own, lock: outcome.lock, crashed: outcome.crashed };
  } catch (error) {
    return { kind: 'refused', why: (error as Error).message };
  }
}

/** What a supervisor that no other terminal can ask says of itself. */
export function withoutLock(
  mode: LockOwner['mode'],
): Pick<LockOwner, 'mode' | 'since' | 'socket' | 'version'> {
  return { mode, since: new Date(systemClock.wallNow()).toISOString(), socket: '', version: VERSION };
}
