/**
 * posix_spawn(3) by FFI. Node forks, which copies the tables of our memory: 1 ms at 50 MB, 38 ms at 500 MB, and after that each
 * page that we write costs a fault. The libc shares the memory until the program runs, and takes 0.2 ms at any size.
 */
import { constants as files } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { KoffiWithMemory, UseKoffi } from '../pipes/koffi.ts';

/** `environment`: `NAME=value`. Null is /dev/null. */
export interface ProgramToSpawn {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: readonly string[];
  readonly cwd: string;
  readonly stdio: readonly (number | null)[];
}

/** How a process has ended, as `wait(2)` tells it. */
export interface WaitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PosixSpawn {
  /** Starts a program in a session of its own. Returns its pid, or throws the system's error. */
  readonly spawn: (program: ProgramToSpawn) => number;
  /** Undefined: still running. Null: somebody else has reaped it. */
  readonly wait: (pid: number) => WaitStatus | null | undefined;
}

const SET_SIGNAL_DEFAULTS = 0x04;
const SET_SIGNAL_MASK = 0x08;
const SET_SESSION = 0x80;
const WNOHANG = 1;
/** More than any libc has in one of these. */
const ROOM_BYTES = 1024;

type Libc = ReturnType<KoffiWithMemory['load']>;

/** Undefined where koffi or the libc cannot do it. */
export const loadKoffiSpawn = (use: UseKoffi): Promise<PosixSpawn | undefined> =>
  process.platform === 'linux' ? use(posixSpawnOf) : Promise.resolve(undefined);

function posixSpawnOf(koffi: KoffiWithMemory): PosixSpawn {
  const libc = koffi.load(null);
  const func: Libc['func'] = (prototype) => libc.func(prototype);
  const actions = Buffer.alloc(ROOM_BYTES);
  const initActions = func('int posix_spawn_file_actions_init(void *actions)');
  const destroyActions = func('int posix_spawn_file_actions_destroy(void *actions)');
  const duplicate = func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)');
  const open = func(
    'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, unsigned int mode)',
  );
  const enter = func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)');
  const spawn = func(
    'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **args, const char **environment)',
  );
  const waitpid = func('int waitpid(int pid, _Out_ int *status, int options)');
  const attributes = attributesBy(func);

  return {
    spawn({ file, args, environment, cwd, stdio }) {
      succeed(initActions(actions));
      try {
        stdio.forEach((fd, at) => {
          succeed(
            fd === null
              ? open(actions, at, '/dev/null', at === 0 ? files.O_RDONLY : files.O_RDWR, 0)
              : duplicate(actions, fd, at),
          );
        });
        succeed(enter(actions, cwd));
        const pid = [0];
        succeed(spawn(pid, file, actions, attributes, [file, ...args, null], [...environment, null]));
        return pid[0] ?? 0;
      } finally {
        destroyActions(actions);
      }
    },
    wait(pid) {
      const status = [0];
      const waited = waitpid(pid, status, WNOHANG);
      if (waited === 0) return undefined;
      return waited === pid ? statusOf(status[0] ?? 0) : null;
    },
  };
}

/** As libuv has it: a session of its own, no signal blocked, and none ignored (Node ignores SIGPIPE). */
function attributesBy(func: Libc['func']): Buffer {
  const attributes = Buffer.alloc(ROOM_BYTES);
  // All bits: sigfillset(3) leaves out signals of the libc's own, which posix_spawn would have ignored then.
  const all = Buffer.alloc(ROOM_BYTES, 0xff);
  const none = Buffer.alloc(ROOM_BYTES);
  succeed(func('int posix_spawnattr_init(void *attributes)')(attributes));
  succeed(func('int posix_spawnattr_setsigdefault(void *attributes, const void *set)')(attributes, all));
  succeed(func('int posix_spawnattr_setsigmask(void *attributes, const void *set)')(attributes, none));
  const flags = SET_SIGNAL_DEFAULTS | SET_SIGNAL_MASK | SET_SESSION;
  succeed(func('int posix_spawnattr_setflags(void *attributes, short flags)')(attributes, flags));
  return attributes;
}

function succeed(errno: number): void {
  if (errno === 0) return;
  const code = getSystemErrorName(-errno);
  throw Object.assign(new Error(`posix_spawn ${code}`), { code });
}

function statusOf(status: number): WaitStatus {
  const number = status & 0x7f;
  if (number === 0) return { code: (status >> 8) & 0xff, signal: null };
  return { code: null, signal: nameOf(number) };
}

/** The first of its names, as Node tells it. */
function nameOf(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? null) as NodeJS.Signals | null;
}
