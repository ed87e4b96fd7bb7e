import type { Lock, LockOptions, Locks } from './options.ts';

type Callback<T> = (lock: Lock | null) => T | Promise<T>;

async function request<T>(
  name: string,
  options: LockOptions | Callback<T>,
  callback?: Callback<T>,
): Promise<T> {
  const given = typeof options === 'function' ? {} : options;
  const called = typeof options === 'function' ? options : callback;
  if (typeof name !== 'string') throw new TypeError('the name of a lock must be a string');
  if (typeof called !== 'function') throw new TypeError('locks.request needs a callback');
  if ('steal' in given) throw new TypeError('locks cannot be stolen');
  const { requestLock } = await import('./request.ts');
  return requestLock(name, given, called);
}

/** Locks of the supervisor of the project: `await locks.request('deploy', async (lock) => ...)`. */
export const locks: Locks = {
  request: request as Locks['request'],
  async query(options = {}) {
    const { queryLocks } = await import('./request.ts');
    return queryLocks(options);
  },
};
