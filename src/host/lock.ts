/** The project is ours, or somebody else's, or cannot be claimed and so not be asked for anything from outside. */
import { systemClock } from '../os/clock.ts';
import { placesOf, type Places } from '../os/files/places.ts';
import { ownIdentity } from '../os/process/identity.ts';
import { claimProject, type Claim, type DeadClaim, type ProjectLock } from '../os/files/lock.ts';
import { VERSION } from './version.ts';

export type Claimed = Locked | { readonly kind: 'busy'; readonly owner: Claim };

/** Nobody else has the project. */
export type Locked =
  | {
      readonly kind: 'held';
      readonly places: Places;
      readonly claim: Claim;
      readonly lock: ProjectLock;
      /** Supervisors that did not end orderly, and have not been cleared away yet. */
      readonly dead: readonly DeadClaim[];
    }
  /** Nothing can be written where claims are. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody asked for a lock. */
  | { readonly kind: 'none' };

export function claim(root: string, mode: Claim['mode'], mark: string, env: NodeJS.ProcessEnv): Claimed {
  try {
    const places = placesOf(root, env);
    const own: Claim = {
      identity: ownIdentity(),
      root: places.root,
      socket: places.socket,
      mark,
      mode,
      since: new Date(systemClock.wallNow()).toISOString(),
      version: VERSION,
    };
    const outcome = claimProject(places.stateDirectory, own);
    if (!outcome.ok) return { kind: 'busy', owner: outcome.owner };
    return { kind: 'held', places, claim: own, lock: outcome.lock, dead: outcome.dead };
  } catch (error) {
    return { kind: 'refused', why: (error as Error).message };
  }
}

/** What a supervisor that no other terminal can ask says of itself. */
export function unclaimed(mode: Claim['mode']): Pick<Claim, 'mode' | 'since' | 'socket' | 'version'> {
  return { mode, since: new Date(systemClock.wallNow()).toISOString(), socket: '', version: VERSION };
}
