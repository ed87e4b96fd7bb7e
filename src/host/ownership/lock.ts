/** The project is ours, or somebody else's, or cannot be locked, and then other terminals cannot reach us. */
import { systemClock } from '../../os/clock.ts';
import { givenPath, placesOf, stateDirectoryOf, type Places } from '../../os/files/places.ts';
import { securePrivateDirectory } from '../../os/files/private-directory.ts';
import { ownIdentity } from '../../os/process/identity.ts';
import { ownOrigin } from '../../os/process/origin.ts';
import {
  lockProject,
  ownersElsewhere,
  removeLockOf,
  type LockOwner,
  type CrashedOwner,
  type ProjectLock,
} from '../../os/files/lock.ts';
import { findOwner, hasEnded, whyUnreachable } from './find-owner.ts';
import { VERSION } from '../version.ts';

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
      /** About the directories of lock and socket. */
      readonly warnings: readonly string[];
    }
  /** `isOwned`: by a supervisor that cannot be asked. Else nothing can be written where lock files are. */
  | { readonly kind: 'refused'; readonly why: string; readonly isOwned?: true }
  /** Nobody asked for a lock. */
  | { readonly kind: 'none' };

/** `pipes`: the directory of our FIFOs, which the next supervisor removes if we and our guardian are killed. */
export async function acquireLock(
  root: string,
  mode: LockOwner['mode'],
  runTag: string,
  env: NodeJS.ProcessEnv,
  pipes?: string,
): Promise<LockOutcome> {
  try {
    const places = placesOf(root, env);
    const warning = warningAbout(places.stateBase);
    const warnings = [warning, places.socketRemark].filter((text) => text !== undefined);
    const given = givenPath(root, env, process.cwd());
    const earlier = await findOwner(places, given);
    if (earlier !== undefined) return await busyWith(earlier, env);
    const own: LockOwner = {
      identity: ownIdentity(),
      origin: ownOrigin(),
      root: places.root,
      ...(given !== places.root && { givenRoot: given }),
      socket: places.socket,
      mark: runTag,
      ...(pipes !== undefined && { pipes }),
      mode,
      since: new Date(systemClock.wallNow()).toISOString(),
      version: VERSION,
    };
    await removeEnded(places.stateDirectory);
    const outcome = lockProject(places.stateDirectory, own);
    if (!outcome.ok) return await busyWith(outcome.owner, env);
    return { kind: 'held', places, owner: own, lock: outcome.lock, crashed: outcome.crashed, warnings };
  } catch (error) {
    return { kind: 'refused', why: (error as Error).message };
  }
}

/** Their processes have ended with their container. */
async function removeEnded(stateDirectory: string): Promise<void> {
  for (const owner of ownersElsewhere(stateDirectory)) {
    if (await hasEnded(owner)) removeLockOf(stateDirectory, owner);
  }
}

/** What the system refuses there, it refuses the lock as well, which has better words for it. */
function warningAbout(directory: string): string | undefined {
  try {
    return securePrivateDirectory(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

async function busyWith(owner: LockOwner, env: NodeJS.ProcessEnv): Promise<LockOutcome> {
  const why = await whyUnreachable(owner, stateDirectoryOf(owner.root, env));
  return why === undefined ? { kind: 'busy', owner } : { kind: 'refused', why, isOwned: true };
}

/** What a supervisor that no other terminal can ask says of itself. */
export function withoutLock(
  mode: LockOwner['mode'],
): Pick<LockOwner, 'mode' | 'since' | 'socket' | 'version'> {
  return { mode, since: new Date(systemClock.wallNow()).toISOString(), socket: '', version: VERSION };
}
