/** Requests of locks over one session for each supervisor. A chunk of its own. */
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { supervisorSocket } from '../supervisor-socket.ts';
import { LockError, type LockErrorCode } from './error.ts';
import type { Lock, LockInfo, LockOptions } from './options.ts';

interface Granted {
  readonly grant: number;
  readonly abandoned: boolean;
}

let lastToken = 0;

export async function requestLock<T>(
  name: string,
  { mode = 'exclusive', ifAvailable = false, slots, timeoutMs, signal, socket }: LockOptions,
  callback: (lock: Lock | null) => T | Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  return using(socket, async (session) => {
    const wait = ifAvailable ? 0 : timeoutMs;
    const token = (lastToken += 1);
    const asked = session.ask('lock.get', { name, slots, mode, wait, token }) as Promise<Granted>;
    const cancel = (): void => void session.ask('lock.cancel', { token }).catch(() => undefined);
    signal?.addEventListener('abort', cancel, { once: true });
    let granted: Granted | undefined;
    try {
      granted = await asked;
    } catch (error) {
      signal?.throwIfAborted();
      if (!ifAvailable || codeOf(error) !== 'lock-busy') throw lockError(error as Error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    if (granted === undefined) return callback(null);
    return hold(session, { name, mode, granted, signal }, callback);
  });
}

async function hold<T>(
  session: SessionClient,
  held: Pick<Lock, 'name' | 'mode'> & { readonly granted: Granted; readonly signal: AbortSignal | undefined },
  callback: (lock: Lock) => T | Promise<T>,
): Promise<T> {
  const { name, mode, granted, signal } = held;
  const { grant, abandoned } = granted;
  const losing = new AbortController();
  let isOver = false;
  void session.ended.then((why) => {
    if (why !== undefined && !isOver)
      losing.abort(new LockError('LOST', `lost lock '${name}': ${why.message}`, { cause: why }));
  });
  try {
    // It may have been granted while it was being cancelled.
    signal?.throwIfAborted();
    const result = await callback({ name, mode, abandoned, lost: losing.signal });
    losing.signal.throwIfAborted();
    return result;
  } finally {
    isOver = true;
    await session.ask('lock.release', { name, grant }).catch(() => undefined);
  }
}

export async function queryLocks({ socket }: Pick<LockOptions, 'socket'>): Promise<readonly LockInfo[]> {
  return using(socket, async (session) => {
    const { locks } = (await session.ask('lock.ls', {})) as { readonly locks: readonly LockInfo[] };
    return locks;
  });
}

/** By the paths of their sockets. */
const sessions = new Map<string, { readonly session: Promise<SessionClient>; users: number }>();

/** The session stays open for the next request, and keeps this process alive only while it is used. */
async function using<T>(socket: string | undefined, use: (session: SessionClient) => Promise<T>): Promise<T> {
  const path = supervisorSocket({ socket }, (message) => {
    throw new LockError('NO_SUPERVISOR', message);
  });
  let shared = sessions.get(path);
  if (shared === undefined) {
    shared = { session: connected(path), users: 0 };
    sessions.set(path, shared);
  }
  shared.users += 1;
  try {
    const session = await shared.session;
    session.ref();
    return await use(session);
  } finally {
    shared.users -= 1;
    if (shared.users === 0)
      shared.session.then(
        (session) => session.unref(),
        () => undefined,
      );
  }
}

async function connected(path: string): Promise<SessionClient> {
  try {
    const session = await connectSession(path, { command: 'locks.request()', pid: process.pid });
    void session.ended.then(() => sessions.delete(path));
    return session;
  } catch (error) {
    sessions.delete(path);
    throw lockError(error as Error);
  }
}

const codeOf = (error: unknown): string => (error instanceof VerbError ? error.code : '');

const CODES: Readonly<Record<string, LockErrorCode>> = { 'lock-timeout': 'TIMEOUT' };

function lockError(error: Error): LockError {
  if (error instanceof VerbError)
    return new LockError(CODES[error.code] ?? 'REFUSED', error.message, { cause: error });
  return new LockError('NO_SUPERVISOR', `cannot reach the supervisor: ${error.message}`, { cause: error });
}
