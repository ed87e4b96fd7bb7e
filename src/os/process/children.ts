/**
 * Children that Node knows nothing of, started by posix_spawn(3). libuv waits for its own children only, each by its pid, so
 * neither side takes an exit from the other; SIGCHLD is heard by both.
 */
import { isMainThread } from 'node:worker_threads';
import type { PosixSpawn } from './koffi-spawn.ts';
import type { Children, Exited, ProgramOfNode } from './program.ts';

/** Somebody else has waited for it, so nobody can say that it has succeeded. */
const UNKNOWN_END = [1, null] as const;

/** As a timer has at most, which is never due here. */
const LONG_MS = 2 ** 31 - 1;

/** Undefined where there is no koffi, and in a worker thread, which hears no signals. */
export async function loadChildren(): Promise<Children | undefined> {
  if (!isMainThread) return undefined;
  const posixSpawn = await (await import('../pipes/koffi-addon.ts')).loadFastKoffiSpawn();
  return posixSpawn && createChildren(posixSpawn);
}

export function createChildren({ spawn, wait }: PosixSpawn): Children {
  const living = new Map<number, Exited>();
  /** As a child of Node's does, they keep this process going. */
  let keepsUs: NodeJS.Timeout | undefined;

  // One signal may stand for several children.
  const look = (): void => {
    for (const [pid, exited] of living) {
      const status = wait(pid);
      if (status === undefined) continue;
      living.delete(pid);
      exited(...(status === null ? UNKNOWN_END : ([status.code, status.signal] as const)));
    }
    if (living.size > 0) return;
    clearInterval(keepsUs);
    keepsUs = undefined;
    process.off('SIGCHLD', look);
  };

  return {
    start(wanted, exited) {
      const program = programOf(wanted);
      if (program === undefined) return undefined;
      if (keepsUs === undefined) {
        // Before it starts: it may end at once.
        process.on('SIGCHLD', look);
        keepsUs = setInterval(look, LONG_MS);
      }
      try {
        const pid = spawn(program);
        living.set(pid, exited);
        return pid;
      } catch (error) {
        if (living.size === 0) look();
        throw error;
      }
    },
  };
}

type Program = Parameters<PosixSpawn['spawn']>[0];

function programOf({ file, args, options: { cwd, env, stdio } }: ProgramOfNode): Program | undefined {
  const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if ([...args, ...environment, cwd].some((text) => text.includes('\0'))) return undefined;
  const fds = stdio.map((one) => (one === 'ignore' ? null : one));
  const isPlain = fds.length === 3 && fds.every(isOurs);
  return isPlain ? { file, args, environment, cwd, stdio: fds as (number | null)[] } : undefined;
}

/** Not one of the three that it would take the place of. */
const isOurs = (fd: number | 'inherit' | null): boolean => fd === null || (typeof fd === 'number' && fd > 2);
