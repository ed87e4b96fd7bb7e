/** Finds the supervisor of a project by its lock, which names its socket. The socket's directory must be private. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ClientInfo } from '../../core/events.ts';
import {
  createClient,
  Unreachable,
  type Answer,
  type ControlClient,
  type Patience,
} from '../../control/client.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf, stateBaseOf } from '../../os/files/places.ts';
import { whyNotPrivate } from '../../os/files/private-directory.ts';
import { isLiving } from '../../os/process/identity.ts';
import { allHolders, deadClaimsOf, holderOf, type Claim, type DeadClaim } from '../../os/files/lock.ts';

export type Found =
  | { readonly holder: Claim }
  /** `dead`: locks of supervisors that were killed and whose processes may still be running. */
  | { readonly none: true; readonly dead: readonly DeadClaim[] }
  /** There may be one, but it cannot be asked safely. */
  | { readonly unsafe: string };

/** How long a supervisor that is starting, or very busy, may take until its socket exists. */
const PATIENCE_MS = 5000;
const LOOK_AGAIN_MS = 10;

export function findSupervisor(root: string, env: NodeJS.ProcessEnv): Found {
  try {
    const holder = holderFor(root, env);
    if (holder === undefined) return { none: true, dead: deadFor(root, env) };
    return { holder };
  } catch (error) {
    return { unsafe: `cannot look for the supervisor of ${root}: ${(error as Error).message}` };
  }
}

/** Checks the socket's directory before each request, and waits for a supervisor that is still starting. */
export function clientOf(
  { socket, identity }: Claim,
  info: ClientInfo,
  patience: Partial<Patience>,
): ControlClient {
  return patiently(checked(createClient(socket, info, patience), dirname(socket)), () => isLiving(identity));
}

/** A project directory that was renamed or removed while its processes run is still known by its lock. */
function holderFor(root: string, env: NodeJS.ProcessEnv): Claim | undefined {
  if (existsSync(root)) return holderOf(placesOf(root, env).stateDirectory);
  return allHolders(stateBaseOf(env)).find((holder) => holder.root === root);
}

function deadFor(root: string, env: NodeJS.ProcessEnv): readonly DeadClaim[] {
  return existsSync(root) ? deadClaimsOf(placesOf(root, env).stateDirectory) : [];
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
function patiently(client: ControlClient, isLiving: () => boolean): ControlClient {
  const insist = async (ask: () => Promise<Answer>): Promise<Answer> => {
    const deadline = systemClock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await ask();
      } catch (thrown) {
        if (!isEarly(thrown) || systemClock.now() > deadline || !isLiving()) throw thrown;
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

/** The request was not sent: the socket does not exist, or nothing listens on it. */
function isEarly(thrown: unknown): boolean {
  if (!(thrown instanceof Unreachable)) return false;
  const { code } = (thrown.cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
