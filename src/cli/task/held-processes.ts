/**
 * The processes that tasks need, held by a session with the supervisor of the project. Where none runs, one is started
 * that ends with the last session that holds something: so nothing is left when we are killed.
 */
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { createClient, errorOf, Unreachable } from '../../control/client.ts';
import type { HeldUntil } from '../../control/holds-api.ts';
import type { AppOptions } from '../../config/load-app.ts';
import type { DaemonNews } from '../../host/daemon/protocol.ts';
import { LOG_FILE_DEFAULTS, RESIDENT_DEFAULTS } from '../../host/options.ts';
import { findOwnerHere } from '../../host/ownership/find-owner.ts';
import type { LockOwner } from '../../os/files/lock.ts';
import { givenPath, placesOf } from '../../os/files/places.ts';
import type { TaskProcesses } from '../../ports/task-processes.ts';
import { launchSupervisor } from '../launch-supervisor.ts';
import { ownInfo } from '../client/own-info.ts';

export interface HeldProcessesOptions {
  /** Absolute. */
  readonly root: string;
  /** Where a supervisor that is started finds the application. */
  readonly source: AppOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** `task build test`: what we are, as others see it. */
  readonly command: string;
}

/** A supervisor that was found may be ending. */
const MOST_TRIES = 5;

export interface HeldProcesses extends TaskProcesses {
  /** A supervisor that we have started reads its files again: others are read again by those to whom they belong. */
  reread(): Promise<void>;
}

/** Nothing is done before the first process is held. */
export function createHeldProcesses(options: HeldProcessesOptions): HeldProcesses {
  let opening: Promise<SessionClient> | undefined;
  let ownSocket: string | undefined;

  const session = (): Promise<SessionClient> => {
    opening ??= openSession(options, (socket) => (ownSocket = socket));
    return opening;
  };

  const hold = async (name: string, until: HeldUntil, tries: number): Promise<SessionClient> => {
    const client = await session();
    try {
      await client.ask('process.hold', { name, until });
      return client;
    } catch (error) {
      if (!hasEnded(error)) throw withRemedy(error, name);
      client.close();
      opening = undefined;
      ownSocket = undefined;
      if (tries <= 1) throw new Error('the supervisor has ended', { cause: error });
      return hold(name, until, tries - 1);
    }
  };

  return {
    async hold(name, until, signal) {
      const client = await raced(hold(name, until, MOST_TRIES), signal);
      return {
        async release() {
          await client.ask('process.release', { name }).catch((error: unknown) => {
            // What has ended holds nothing.
            if (!hasEnded(error)) throw error;
          });
        },
      };
    },
    async reread() {
      if (ownSocket === undefined) return;
      const { status, body } = await createClient(ownSocket, ownInfo(options.command)).post('/v1/reload');
      if (status !== 200) throw new Error(errorOf(body).message);
    },
    async close() {
      (await opening?.catch(() => undefined))?.close();
    },
  };
}

const hasEnded = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof VerbError && error.code === 'session-ended');

/** It may have read its files before the process was in them. */
const withRemedy = (error: unknown, name: string): unknown =>
  error instanceof VerbError && error.code === 'unknown-process'
    ? new Error(`the supervisor does not know '${name}'; 'procsup reload' reads its files again`, {
        cause: error,
      })
    : error;

function raced<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('interrupted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function openSession(
  options: HeldProcessesOptions,
  onOwn: (socket: string) => void,
): Promise<SessionClient> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const running = await ownerHere(options);
    const owner = running ?? (await started(options));
    if (owner === undefined) continue;
    if (running === undefined) onOwn(owner.socket);
    try {
      // It waits for a supervisor that is starting.
      await createClient(owner.socket).get('/v1/supervisor');
      return await connectSession(owner.socket, ownInfo(options.command));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
  }
  throw new Error(`the supervisor of ${options.root} does not answer`);
}

const ownerHere = ({ root, env, cwd }: HeldProcessesOptions): Promise<LockOwner | undefined> =>
  findOwnerHere(placesOf(root, env), givenPath(root, env, cwd));

/** Undefined: another one was faster, or it has ended already. */
async function started(options: HeldProcessesOptions): Promise<LockOwner | undefined> {
  const { root, source, env, cwd } = options;
  const places = placesOf(root, env);
  const daemon = launchSupervisor(
    places,
    {
      source,
      settings: { ...RESIDENT_DEFAULTS, resident: true, output: 'piped' },
      logFiles: LOG_FILE_DEFAULTS,
      wait: 'no',
      whileHeld: true,
    },
    { env, cwd },
  );
  const news = await new Promise<DaemonNews>((resolve) => {
    daemon.lines((line) => resolve(JSON.parse(line) as DaemonNews));
    void daemon.ended.then(({ status, signal, error }) => {
      const how = error ?? signal ?? `status ${String(status)}`;
      resolve({
        news: 'failed',
        status: 1,
        message: `the supervisor has ended (${how}): see ${places.daemonLog}`,
      });
    });
  });
  daemon.letGo();
  if (news.news === 'failed') throw new Error(news.message);
  return ownerHere(options);
}
