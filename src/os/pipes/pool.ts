import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { openFifo } from './fifo.ts';

/** Both ends of one kernel pipe. */
export interface Pipe {
  /** Non-blocking. */
  readonly read: number;
  /** Blocking, as programs expect their stdout to be. */
  readonly write: number;
}

/** As `Pipe`, for what a child reads. */
export interface InputPipe {
  /** Blocking, as programs expect their stdin to be. */
  readonly read: number;
  /** Non-blocking. As long as it is open, a program that opens its /dev/stdin once more does not wait for a writer. */
  readonly write: number;
}

/**
 * Real kernel pipes without native code. Node's own `pipe` is a socketpair: `echo x > /dev/stdout` fails on it, and it
 * carries a third of the lines. A FIFO that was opened at both ends and unlinked is a pipe; one `mkfifo` makes many in
 * the background, and some are kept ready, because a restart has no time for it.
 */
export interface PipePool {
  /** The private directory of the FIFOs. */
  readonly directory: string;
  /** The first FIFOs, to be made by somebody else in the background: a spawn for them alone would delay the start. */
  readonly firstOrder: readonly string[];
  /** Throws the system's error (EMFILE, ENOSPC ...). */
  take(): Pipe;
  /** As `take`. */
  takeInput(): InputPipe;
  /** Removes what is left of it on disk; pipes that were taken stay open. */
  close(): void;
}

const SPARE = 8;
/** How long `mkfifo` in the background may take before we run it ourselves and hear what is wrong. */
const PATIENCE_MS = 250;
const LOOK_AGAIN_MS = 0.2;

/** For `count` pipes at first: two for a child whose input is open. Throws where there is no directory to be had for them. */
export function createPipePool(count: number): PipePool {
  const directory = makePrivateDirectory();
  let made = 0;

  const newPaths = (wanted: number) =>
    Array.from({ length: wanted }, () => join(directory, String((made += 1))));

  const firstOrder = newPaths(count + SPARE);
  /** Paths of FIFOs that exist or are being made. */
  const ordered = [...firstOrder];

  const order = (wanted: number): void => {
    const paths = newPaths(wanted);
    ordered.push(...paths);
    const child = spawn('mkfifo', paths, { stdio: 'ignore', detached: true });
    child.unref();
    child.on('error', () => undefined);
  };

  /** None came: makes some while the caller waits, or throws what stands in the way. Who needs one needs more soon. */
  const makeSome = (): string => {
    const [path = '', ...others] = newPaths(SPARE);
    const { error, status, stderr } = spawnSync('mkfifo', [path, ...others], { encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(stderr.trim());
    ordered.push(...others);
    return path;
  };

  const openNext = <T>(open: (path: string) => T): T => {
    const path = ordered.shift();
    if (path !== undefined && appears(path)) {
      try {
        return openAndUnlink(path, open);
      } catch (error) {
        ordered.unshift(path);
        throw error;
      }
    }
    return openAndUnlink(makeSome(), open);
  };

  const takeNext = <T>(open: (path: string) => T): T => {
    const taken = openNext(open);
    if (ordered.length === SPARE / 2) setImmediate(() => order(SPARE)); // The program comes first.
    return taken;
  };

  return {
    directory,
    firstOrder,
    take: () => takeNext(openOutput),
    takeInput: () => takeNext((path) => openFifo(path, constants.O_NONBLOCK)),
    close: () => remove(directory),
  };
}

function openAndUnlink<T>(path: string, open: (path: string) => T): T {
  const opened = open(path);
  unlinkSync(path);
  return opened;
}

/** The read end first and without waiting: a FIFO lets nobody in who would write before somebody reads. */
function openOutput(path: string): Pipe {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
}

/** Waits for `mkfifo`, which has had all the time since it was ordered and is seldom waited for at all. */
function appears(path: string): boolean {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = systemClock.now() + PATIENCE_MS;
  while (!existsSync(path)) {
    if (systemClock.now() > deadline) return false;
    Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
  }
  return true;
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

/** What cannot be removed is the guardian's: it looks once more when we are gone. */
function remove(directory: string): void {
  try {
    for (const name of readdirSync(directory)) unlinkSync(join(directory, name));
    rmdirSync(directory);
  } catch {
    return;
  }
}
