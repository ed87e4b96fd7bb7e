/**
 * Finds the supervisor of a project. Its lock says who it is; its socket has the last word: one that answers is alive,
 * whatever /proc says, and one of another container or machine that does not answer is still not overruled.
 */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { systemClock } from '../../os/clock.ts';
import { allOwners, crashedOwnersOf, ownerOf, whereabouts, type LockOwner } from '../../os/files/lock.ts';
import type { Places } from '../../os/files/places.ts';
import { ownOrigin } from '../../os/process/origin.ts';

/** `silent`: something accepts connections and does not answer, for example because it is suspended. */
export type Answers = 'yes' | 'no' | 'silent';

const PATIENCE_MS = 1000;
/** A supervisor whose lock was removed makes it again within 2 s. */
const RELOCK_MS = 3500;
const LOOK_MS = 50;

/**
 * Undefined: no supervisor runs. One of another container or machine is found even if it does not answer, and one that
 * was started by the same path (`given`) when that led to another directory.
 */
export async function findOwner(places: Places, given: string): Promise<LockOwner | undefined> {
  const owner = await ownerAt(places);
  if (owner !== undefined || given === places.root) return owner;
  return allOwners(places.stateBase).find(({ givenRoot }) => givenRoot === given);
}

/** The same, if it can be asked from here: one of another container may not answer, and a start says so. */
export async function findOwnerHere(places: Places, given: string): Promise<LockOwner | undefined> {
  const owner = await findOwner(places, given);
  return owner !== undefined && whereabouts(owner) === 'here' ? owner : undefined;
}

async function ownerAt({ stateDirectory, socket }: Places): Promise<LockOwner | undefined> {
  const owner = ownerOf(stateDirectory);
  if (owner !== undefined) return (await hasEnded(owner)) ? undefined : owner;
  for (const crashed of crashedOwnersOf(stateDirectory)) {
    if (crashed.mark !== null && (await answersOf(crashed)) === 'yes') return crashed;
  }
  return existsSync(socket) && (await aboutAt(socket)) !== 'no' ? relocked(stateDirectory) : undefined;
}

/** Whether it is this supervisor that answers at its socket. */
export async function answersOf({ socket, identity, since }: LockOwner): Promise<Answers> {
  if (socket === '' || !existsSync(socket)) return 'no';
  const about = await aboutAt(socket);
  if (about === 'no' || about === 'silent') return about;
  return about.pid === identity.pid && about.since === since ? 'yes' : 'no';
}

/**
 * Whether a supervisor of another pid namespace has ended for sure: its socket is here, on the same machine by name, and
 * nothing listens on it any more. That is a container that was killed and started again: it would never start otherwise.
 */
export async function hasEnded(owner: LockOwner): Promise<boolean> {
  const { origin, socket } = owner;
  if (whereabouts(owner) !== 'another pid namespace' || origin?.machine !== ownOrigin().machine) return false;
  return existsSync(socket) && (await isRefused(socket));
}

function isRefused(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const answer = (is: boolean): void => {
      connection.destroy();
      resolve(is);
    };
    connection.on('connect', () => answer(false));
    connection.on('error', (error: NodeJS.ErrnoException) => answer(error.code === 'ECONNREFUSED'));
    connection.setTimeout(PATIENCE_MS, () => answer(false));
  });
}

/** Why nothing can be done about a supervisor of another container or machine, with a remedy; undefined if it can be asked. */
export async function whyUnreachable(owner: LockOwner, stateDirectory: string): Promise<string | undefined> {
  const where = whereabouts(owner);
  if (where === 'here' || (await answersOf(owner)) !== 'no') return undefined;
  const machine = owner.origin?.machine.split(' ')[0] ?? 'unknown';
  const place =
    where === 'another machine' ? `on the machine '${machine}'` : 'in another container (pid namespace)';
  return (
    `the lock of ${owner.root} belongs to a supervisor ${place} (pid ${String(owner.identity.pid)} there), ` +
    'which does not answer from here: run the command there, or, if it has ended, ' +
    `remove 'holder' and 'claim.*' in '${stateDirectory}'`
  );
}

type About = { readonly pid: number; readonly since: string };

async function aboutAt(socket: string): Promise<About | 'no' | 'silent'> {
  // Most starts find no trace of another supervisor.
  const { createClient } = await import('../../control/client.ts');
  return new Promise((resolve) => {
    let about: About | undefined;
    const stream = createClient(socket).stream(
      'GET',
      '/v1/supervisor',
      {},
      {
        line: (value) => (about = value as About),
        ended() {
          stopWaiting();
          resolve(about ?? 'no');
        },
      },
    );
    const stopWaiting = systemClock.after(PATIENCE_MS, () => {
      stream.close();
      resolve('silent');
    });
  });
}

async function relocked(stateDirectory: string): Promise<LockOwner | undefined> {
  for (const deadline = systemClock.now() + RELOCK_MS; systemClock.now() < deadline;) {
    const owner = ownerOf(stateDirectory);
    if (owner !== undefined) return owner;
    await new Promise<void>((resolve) => void systemClock.after(LOOK_MS, resolve));
  }
  return undefined;
}
