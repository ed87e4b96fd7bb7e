/** Finds the supervisor of a project by its lock, which names its socket. The socket's directory must be private. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StartIo } from '../io.ts';
import type { ClientInfo } from '../../core/events.ts';
import {
  createClient,
  Unreachable,
  type Answer,
  type ControlClient,
  type Patience,
} from '../../control/client.ts';
import { findOwner, whyUnreachable } from '../../host/ownership/find-owner.ts';
import { systemClock } from '../../os/clock.ts';
import { givenPath, placesOf, stateBaseOf, stateDirectoryOf } from '../../os/files/places.ts';
import { whyNotPrivate } from '../../os/files/private-directory.ts';
import { isStopped, mayLive } from '../../os/process/identity.ts';
import {
  allOwners,
  crashedOwnersOf,
  ownerOf,
  whereabouts,
  type LockOwner,
  type CrashedOwner,
} from '../../os/files/lock.ts';

export type Found =
  | { readonly owner: LockOwner; readonly remark?: string }
  /** `crashed`: locks of supervisors that were killed and whose processes may still be running. */
  | { readonly none: true; readonly crashed: readonly CrashedOwner[] }
  /** There is one in another container or on another machine, which does not answer. */
  | { readonly unreachable: string }
  /** There may be one, but it cannot be asked safely. */
  | { readonly unsafe: string };

/** How long a supervisor that is starting, or very busy, may take until its socket exists. */
const PATIENCE_MS = 5000;
const LOOK_AGAIN_MS = 10;

export async function findSupervisor(
  root: string,
  { env, cwd }: Pick<StartIo, 'env' | 'cwd'>,
): Promise<Found> {
  try {
    const owner = await ownerFor(root, env, cwd);
    if (owner === undefined) return { none: true, crashed: crashedFor(root, env) };
    const unreachable = await whyUnreachable(owner, stateDirectoryOf(owner.root, env));
    return unreachable === undefined ? { owner, ...remarkOn(owner, root) } : { unreachable };
  } catch (error) {
    return { unsafe: `cannot look for the supervisor of ${root}: ${(error as Error).message}` };
  }
}

/** The link by which the project is reached may lead elsewhere than when it was started. */
function remarkOn({ root, givenRoot }: LockOwner, asked: string): { readonly remark?: string } {
  if (givenRoot === undefined || !existsSync(asked)) return {};
  const now = realpathSync.native(asked);
  if (now === root) return {};
  return {
    remark: `the supervisor was started in ${root}, where ${givenRoot} led then; it leads to ${now} now`,
  };
}

/** Checks the socket's directory before each request, and waits for a supervisor that is still starting. */
export function clientOf(
  owner: LockOwner,
  env: NodeJS.ProcessEnv,
  info: ClientInfo,
  patience: Partial<Patience>,
): ControlClient {
  const { socket } = owner;
  return patiently(checked(createClient(socket, info, patience), dirname(socket)), () =>
    isRunning(owner, env),
  );
}

/** Whether the supervisor has not ended. In another container or on another machine only its lock tells. */
export function isRunning(owner: LockOwner, env: NodeJS.ProcessEnv): boolean {
  if (whereabouts(owner) === 'here') return mayLive(owner.identity);
  return ownerOf(stateDirectoryOf(owner.root, env))?.mark === owner.mark;
}

/** By SIGSTOP or Ctrl-Z. Unknown, and taken not to be so, in another container or on another machine. */
export const isSuspended = (owner: LockOwner): boolean =>
  whereabouts(owner) === 'here' && isStopped(owner.identity);

/** A project directory that was renamed or removed while its processes run is still known by its lock. */
async function ownerFor(root: string, env: NodeJS.ProcessEnv, cwd: string): Promise<LockOwner | undefined> {
  const given = givenPath(root, env, cwd);
  if (existsSync(root)) return findOwner(placesOf(root, env), given);
  return allOwners(stateBaseOf(env)).find(
    ({ root: real, givenRoot }) => real === root || givenRoot === given,
  );
}

function crashedFor(root: string, env: NodeJS.ProcessEnv): readonly CrashedOwner[] {
  return existsSync(root) ? crashedOwnersOf(placesOf(root, env).stateDirectory) : [];
}

/** Checks the directory before each request. */
function checked(client: ControlClient, directory: string): ControlClient {
  const check = (): void => {
    if (!existsSync(directory))
      throw new Unreachable('its socket does not exist', { cause: { code: 'ENOENT' } });
    const why = whyNotPrivate(directory);
    if (why !== undefined) throw new Unreachable(`the directory of its socket is not private: ${why}`);
  };
  return {
    async get(path, query) {
      check();
      return client.get(path, query);
    },
    async post(path, body) {
      check();
      return client.post(path, body);
    },
    stream(verb, path, query, on) {
      check();
      return client.stream(verb, path, query, on);
    },
  };
}

/** Retries as long as the supervisor is running and its socket does not accept connections yet. */
function patiently(client: ControlClient, mayLive: () => boolean): ControlClient {
  const insist = async (ask: () => Promise<Answer>): Promise<Answer> => {
    const deadline = systemClock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await ask();
      } catch (thrown) {
        if (!isEarly(thrown) || systemClock.now() > deadline || !mayLive()) throw thrown;
        await new Promise<void>((resolve) => void systemClock.after(LOOK_AGAIN_MS, resolve));
      }
    }
  };
  return {
    get: (path, query) => insist(() => client.get(path, query)),
    post: (path, body) => insist(() => client.post(path, body)),
    stream: (verb, path, query, on) => client.stream(verb, path, query, on),
  };
}

/** The request was not sent: the socket does not exist, nothing listens on it, or it closed the connection at once. */
function isEarly(thrown: unknown): boolean {
  if (!(thrown instanceof Unreachable)) return false;
  const { code } = (thrown.cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EPIPE';
}
