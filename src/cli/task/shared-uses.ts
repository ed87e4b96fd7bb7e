/**
 * Caps and locks of tasks as others use them: other runs of tasks by files, then the supervisor of the project if one runs, for
 * `procsup lock`, processes and pools. Always in this order, and only by tasks that wait for nothing else: so no two wait for each other.
 */
import { join } from 'node:path';
import { createClient, Unreachable, type Stream } from '../../control/client.ts';
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import type { Use } from '../../core/task/resources.ts';
import { findOwnerHere } from '../../host/ownership/find-owner.ts';
import { givenPath, placesOf, type Places } from '../../os/files/places.ts';
import { makePrivateDirectory } from '../../os/files/private-directory.ts';
import { reasonOf } from '../../os/tasks/reason.ts';
import { takeShare } from '../../os/tasks/shared-uses.ts';
import type { TakenUses, TakeOrder, TaskUses } from '../../ports/task-uses.ts';
import type { LockGrant, LockRecord } from '../../runtime/exchange/locks.ts';
import { ownInfo } from '../client/own-info.ts';

export interface SharedUsesOptions {
  /** Absolute. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly caps: ReadonlyMap<string, number>;
  readonly runTag: string;
  readonly warn: (text: string) => void;
}

const NOTHING: TakenUses = { release: () => undefined };

export function createSharedUses(options: SharedUsesOptions): TaskUses {
  const { root, env, cwd, caps, runTag } = options;
  let places: Places | undefined;
  let session: { readonly socket: string; readonly client: Promise<SessionClient> } | undefined;
  const told = new Set<string>();
  const warnOnce = (text: string): void => {
    if (!told.has(text)) options.warn(text);
    told.add(text);
  };
  const limitOf = (key: string): number =>
    key.startsWith('cap ') ? (caps.get(key.slice(4)) ?? Infinity) : 1;

  const fromRuns = async ({ task, uses, signal, onWait }: TakeOrder): Promise<TakenUses> => {
    try {
      places ??= placesOf(root, env);
      makePrivateDirectory(places.stateDirectory);
      const directory = join(places.stateDirectory, 'task-uses');
      return await takeShare(
        { directory, runTag, limitOf },
        {
          ...{ task, uses, signal },
          onWait: (key, by) =>
            onWait(
              `waiting for ${nameOf(key)}${by ? ` (task ${by.task} in another run, pid ${String(by.pid)})` : ''}`,
            ),
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      warnOnce(`cannot share caps and locks with other runs of tasks: ${reasonOf(error)}`);
      return NOTHING;
    }
  };

  const socketHere = async (): Promise<string | undefined> =>
    places && (await findOwnerHere(places, givenPath(root, env, cwd)))?.socket;

  const sessionAt = (socket: string, task: string): Promise<SessionClient> => {
    if (session?.socket !== socket) {
      session = { socket, client: connectSession(socket, ownInfo(`task ${task}`)) };
      const own = session;
      const forget = (): void => void (session = session === own ? undefined : session);
      own.client.then((client) => client.ended, forget).then(forget, forget);
    }
    return session.client;
  };

  /** Undefined: no supervisor runs, or it has ended meanwhile. */
  const fromSupervisor = async (order: TakeOrder): Promise<TakenUses> => {
    const taken: TakenUses[] = [];
    const release = (): void => {
      for (const one of taken.splice(0)) one.release();
    };
    try {
      const socket = await socketHere();
      if (socket === undefined) return NOTHING;
      const locks = order.uses.filter(({ key }) => key.startsWith('lock '));
      for (const { key } of locks)
        taken.push(await takeLock(await sessionAt(socket, order.task), key.slice(5), order));
      const uses = order.uses.filter(({ key }) => key.startsWith('cap '));
      if (uses.length > 0) taken.push(await takeCaps(socket, uses, order));
      return { release };
    } catch (error) {
      // What a supervisor held is given up with it.
      if (!order.signal.aborted && error instanceof Unreachable) return { release };
      release();
      order.signal.throwIfAborted();
      const { message } = error as Error;
      warnOnce(`cannot share caps and locks with the supervisor: ${message}`);
      return NOTHING;
    }
  };

  return {
    async take(order) {
      const runs = await fromRuns(order);
      try {
        const supervisor = await fromSupervisor(order);
        return {
          release() {
            supervisor.release();
            runs.release();
          },
        };
      } catch (error) {
        runs.release();
        throw error;
      }
    },
    close() {
      session?.client.then(
        (client) => client.close(),
        () => undefined,
      );
    },
  };
}

const nameOf = (key: string): string => key.replace(/^(\S+) (.*)$/, "$1 '$2'");

let tokens = 0;

async function takeLock(session: SessionClient, name: string, order: TakeOrder): Promise<TakenUses> {
  const { signal, onWait, onNote } = order;
  const get = (input: object): Promise<LockGrant> =>
    session.ask('lock.get', { name, ...input }) as Promise<LockGrant>;
  const token = (tokens += 1);
  const cancel = (): void => void session.ask('lock.cancel', { token }).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const grant = await get({ wait: 0 }).catch(async (error: unknown) => {
      if (!(error instanceof VerbError) || error.code !== 'lock-busy') throw error;
      signal.throwIfAborted();
      onWait(`waiting for lock '${name}'${await holderOf(session, name)}`);
      signal.throwIfAborted();
      return get({ token });
    });
    if (grant.abandoned)
      onNote(`the last holder of lock '${name}' ended without releasing it: what it guards may be half done`);
    const release = (): void =>
      void session.ask('lock.release', { name, grant: grant.grant }).catch(() => undefined);
    if (!isAborted(signal)) return { release };
    release();
    throw signal.reason as Error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function holderOf(session: SessionClient, name: string): Promise<string> {
  const { locks } = (await session.ask('lock.ls', {})) as { readonly locks: readonly LockRecord[] };
  const [holder] = locks.find((one) => one.name === name)?.holders ?? [];
  return holder === undefined
    ? ''
    : ` (${holder.command ?? 'a client'}${holder.pid === null ? '' : `, pid ${String(holder.pid)}`})`;
}

interface CapsAnswer {
  readonly caps: readonly {
    readonly name: string;
    readonly soft: number;
    readonly used: number;
    readonly usedBy: readonly string[];
    readonly waiting: readonly string[];
  }[];
}

/** They belong to a connection of their own. */
async function takeCaps(socket: string, uses: readonly Use[], order: TakeOrder): Promise<TakenUses> {
  const { task, signal, onWait } = order;
  const client = createClient(socket, ownInfo(`task ${task}`));
  const { body } = await client.get('/v1/caps');
  for (const { name, soft, used, usedBy, waiting } of (body as CapsAnswer).caps) {
    const amount = uses.find(({ key }) => key === `cap ${name}`)?.amount;
    if (amount === undefined || (used + amount <= soft && waiting.length === 0)) continue;
    onWait(`waiting for cap '${name}' (used by ${usedBy.join(', ')})`);
  }
  signal.throwIfAborted();
  const wanted = {
    name: `task ${task} (pid ${String(process.pid)})`,
    uses: Object.fromEntries(uses.map(({ key, amount }) => [key.slice(4), amount])),
  };
  return new Promise((resolve, reject) => {
    const stream: Stream = client.stream('POST', '/v1/claim', wanted, {
      line: () => resolve({ release: () => stream.close() }),
      ended: ({ code, message } = { code: 'unreachable', message: 'the supervisor has ended' }) =>
        reject(code === 'unreachable' ? new Unreachable(message) : new Error(message)),
    });
    signal.addEventListener(
      'abort',
      () => {
        stream.close();
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}

/** It may be by now, which the compiler does not see. */
const isAborted = ({ aborted }: AbortSignal): boolean => aborted;
