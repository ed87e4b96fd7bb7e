/** The supervisor of a project, found by its claim: the socket is where the claim says, and its directory is private. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createClient, Unreachable, type Answer, type ControlClient } from '../../control/client.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf, stateBaseOf } from '../../os/files/places.ts';
import { whyNotPrivate } from '../../os/files/private-directory.ts';
import { mayLive } from '../../os/process/identity.ts';
import { allHolders, deadClaimsOf, holderOf, type Claim, type DeadClaim } from '../../os/files/lock.ts';

export type Found =
  | { readonly holder: Claim }
  /** `dead`: of supervisors that were killed, and whose leftovers nobody has ended yet. */
  | { readonly none: true; readonly dead: readonly DeadClaim[] }
  /** There may be one, and it cannot be asked. */
  | { readonly unsafe: string };

/** How long a supervisor that is just starting, or very busy, may take until its socket is there. */
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

/** Looks at the socket's directory before each request, and waits for a supervisor that is just starting. */
export function clientOf({ socket, identity }: Claim): ControlClient {
  return patiently(checked(createClient(socket), dirname(socket)), () => mayLive(identity));
}

/** A directory that was renamed or removed while its processes ran is still known by its claim. */
function holderFor(root: string, env: NodeJS.ProcessEnv): Claim | undefined {
  if (existsSync(root)) return holderOf(placesOf(root, env).stateDirectory);
  return allHolders(stateBaseOf(env)).find((holder) => holder.root === root);
}

function deadFor(root: string, env: NodeJS.ProcessEnv): readonly DeadClaim[] {
  return existsSync(root) ? deadClaimsOf(placesOf(root, env).stateDirectory) : [];
}

/** The directory is looked at before each request. */
function checked(client: ControlClient, directory: string): ControlClient {
  const check = (): void => {
    if (!existsSync(directory)) throw new Unreachable('nobody listens', { cause: { code: 'ENOENT' } });
    const why = whyNotPrivate(directory);
    if (why !== undefined) throw new Unreachable(`the directory of the control socket is not safe: ${why}`);
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

/** Asks again while nobody listens yet, as long as the supervisor lives. */
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

/** It has not been asked yet: the socket is not there, nobody listens, or it let nobody in and closed the connection. */
function isEarly(thrown: unknown): boolean {
  if (!(thrown instanceof Unreachable)) return false;
  const { code } = (thrown.cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EPIPE';
}
