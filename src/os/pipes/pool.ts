import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import {
  fifoProblem,
  isIntact,
  keepFifoDirectory,
  makeFifoDirectory,
  removeFifoDirectory,
} from './fifo-directory.ts';
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
  /** The private directory of the FIFOs; made again when somebody removes it. */
  readonly directory: string;
  /** The first FIFOs, made by the guardian in the background: a separate spawn would delay the start. */
  readonly firstOrder: readonly string[];
  /** Throws the system's error (EMFILE, ENOSPC ...). */
  take(): Pipe;
  /** As `take`. */
  takeInput(): InputPipe;
  /** Removes what is left of it on disk; pipes that were taken stay open. */
  close(): void;
}

export interface NamedPipePool extends PipePool {
  /** As `take`: a FIFO with its name, which is the caller's to unlink. */
  takeNamed(): string;
}

const SPARE = 8;
/** How long `mkfifo` in the background may take before we run it ourselves to learn the error. */
const PATIENCE_MS = 250;
const LOOK_AGAIN_MS = 0.2;

/** A FIFO that exists, or is being made. */
interface Ordered {
  readonly path: string;
  /** What is not there by then never will be. */
  readonly dueMs: number;
}

/** For `count` pipes at first: two for a child with open input. Throws if no directory can be made for them. */
export function createPipePool(count: number): NamedPipePool {
  const first = makeFifoDirectory();
  let directory = first;
  let made = 0;
  const atWork = new Set<ChildProcess>();
  let isClosed = false;

  const newPaths = (wanted: number) =>
    Array.from({ length: wanted }, () => join(directory.path, String((made += 1))));
  const ordering = (paths: readonly string[]): readonly Ordered[] => {
    const dueMs = systemClock.now() + PATIENCE_MS;
    return paths.map((path) => ({ path, dueMs }));
  };

  const firstOrder = newPaths(count + SPARE);
  const ordered = [...ordering(firstOrder)];

  const order = (wanted: number): void => {
    if (isClosed) return; // Else the directory would be made again, and left behind.
    try {
      directory = keepFifoDirectory(directory);
    } catch {
      return; // Who takes one will hear why.
    }
    const paths = newPaths(wanted);
    ordered.push(...ordering(paths));
    const child = spawn('mkfifo', paths, { stdio: 'ignore', detached: true });
    child.unref();
    atWork.add(child);
    child.on('error', () => atWork.delete(child));
    child.on('exit', () => atWork.delete(child));
  };

  /** None arrived: makes some synchronously, or throws the error. More will be needed soon. */
  const makeSome = (): string => {
    directory = keepFifoDirectory(directory);
    const [path = '', ...others] = newPaths(SPARE);
    const { error, status, stderr } = spawnSync('mkfifo', [path, ...others], { encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw fifoProblem(stderr, directory.path);
    ordered.push(...ordering(others));
    return path;
  };

  /** Those that somebody has removed, alone or with their directory, are passed over. */
  const nextOrdered = (): Ordered | undefined => {
    if (!isIntact(directory)) ordered.length = 0;
    for (;;) {
      const next = ordered.shift();
      if (next === undefined || appears(next)) return next;
    }
  };

  const openNext = <T>(open: (path: string) => T): T => {
    const next = nextOrdered();
    if (next === undefined) return openAndUnlink(makeSome(), open);
    try {
      return openAndUnlink(next.path, open);
    } catch (error) {
      ordered.unshift(next);
      throw error;
    }
  };

  const takeNext = <T>(open: (path: string) => T): T => {
    const taken = openNext(open);
    orderWhenFew();
    return taken;
  };

  const orderWhenFew = (): void => {
    if (ordered.length === SPARE / 2) setImmediate(() => order(SPARE)); // The program comes first.
  };

  return {
    directory: first.path,
    firstOrder,
    take: () => takeNext(openOutput),
    takeInput: () => takeNext((path) => openFifo(path, constants.O_NONBLOCK)),
    takeNamed() {
      const path = nextOrdered()?.path ?? makeSome();
      orderWhenFew();
      return path;
    },
    close() {
      isClosed = true;
      // What it would still make would be left behind.
      for (const child of atWork) child.kill('SIGKILL');
      for (const { path } of new Set([first, directory])) removeFifoDirectory(path);
    },
  };
}

function openAndUnlink<T>(path: string, open: (path: string) => T): T {
  const opened = open(path);
  unlinkSync(path);
  return opened;
}

/** Opens the read end first, non-blocking: a FIFO cannot be opened for writing without a reader. */
function openOutput(path: string): Pipe {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
}

/**
 * Waits for `mkfifo`, which has had all the time since it was ordered and is seldom waited for at all: only for as long as
 * it may still be at work.
 */
function appears({ path, dueMs }: Ordered): boolean {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(path)) {
    if (systemClock.now() > dueMs) return false;
    Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
  }
  return true;
}
