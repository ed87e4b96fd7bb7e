import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Both ends of one kernel pipe. */
export interface Pipe {
  /** Non-blocking. */
  readonly read: number;
  /** Blocking, as programs expect their stdout to be. */
  readonly write: number;
}

/**
 * Real kernel pipes without native code. Node's own `pipe` is a socketpair: `echo x > /dev/stdout` fails on it, and it
 * carries a third of the lines. A FIFO that was opened at both ends and unlinked is a pipe; one `mkfifo` makes many,
 * and some are kept ready, because a restart has no time for it.
 */
export interface PipePool {
  /** The private directory of the FIFOs. */
  readonly directory: string;
  /** Throws the system's error (EMFILE, ENOSPC ...). */
  take(): Pipe;
  /** Removes what is left of it on disk; pipes that were taken stay open. */
  close(): void;
}

const SPARE = 8;

/** With `count` pipes ready. Throws what kept it from making any. */
export function createPipePool(count: number): PipePool {
  const directory = makePrivateDirectory();
  const ready: string[] = [];
  let made = 0;
  let isRefilling = false;

  const newPaths = (wanted: number) =>
    Array.from({ length: wanted }, () => join(directory, String((made += 1))));

  const fill = (wanted: number): void => {
    const paths = newPaths(wanted);
    const { error, status, stderr } = spawnSync('mkfifo', paths, { encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(stderr.trim());
    ready.push(...paths);
  };

  const refill = (): void => {
    if (isRefilling || ready.length >= SPARE / 2) return;
    isRefilling = true;
    const paths = newPaths(SPARE);
    const child = spawn('mkfifo', paths, { stdio: 'ignore', detached: true });
    child.unref();
    child.on('error', () => (isRefilling = false));
    child.on('exit', (status) => {
      isRefilling = false;
      if (status === 0) ready.push(...paths);
    });
  };

  try {
    fill(count + SPARE);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    directory,
    take() {
      if (ready.length === 0) fill(1);
      const path = ready.at(-1) ?? '';
      const pipe = openBothEnds(path);
      ready.pop();
      unlinkSync(path);
      refill();
      return pipe;
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function openBothEnds(path: string): Pipe {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
}

/** 0700, where there is room: a full /tmp must not keep anybody from starting. */
function makePrivateDirectory(): string {
  const places = [tmpdir(), process.env['XDG_RUNTIME_DIR'], '/dev/shm', '/tmp'].filter(
    (place) => place !== undefined,
  );
  let failure: unknown;
  for (const place of places) {
    try {
      return mkdtempSync(join(place, 'procsup-'));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
