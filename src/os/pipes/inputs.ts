/** Writes to the stdin pipes of programs without blocking. */
import { closeSync, writeSync } from 'node:fs';
import type { InputEnd } from '../../ports/processes.ts';
import { systemClock } from '../clock.ts';

export interface Inputs {
  /**
   * Takes over the write end of a program's stdin. The returned function closes it: the program has ended. What is written to
   * that name goes to the latest that is open.
   */
  attach(name: string, end: number | InputEnd): () => void;
  /** Closes what is written to. */
  close(name: string): void;
  /**
   * Resolves when everything is written, or with the reason why not: a part may have been written then. Writes are
   * queued.
   */
  write(name: string, bytes: Uint8Array): Promise<InputTaken>;
  closeAll(): void;
}

export type InputTaken = { readonly taken: true } | { readonly taken: false; readonly why: string };

const RETRY_MS = 10;
/** How long a program may read nothing at all. */
const PATIENCE_MS = 2000;

/** One program's stdin. Its descriptor number may be reused for the next run. */
interface Kept {
  readonly end: InputEnd;
  /** Settles when what was written until now is done with. */
  last: Promise<unknown>;
}

export function createInputs(): Inputs {
  /** By name: those of runs that live, the latest last. Two there are in a rolling restart only. */
  const ends = new Map<string, Kept[]>();

  const latest = (name: string): Kept | undefined => ends.get(name)?.at(-1);

  const closeOne = (name: string, kept: Kept): void => {
    const all = ends.get(name) ?? [];
    if (!all.includes(kept)) return;
    const others = all.filter((one) => one !== kept);
    if (others.length === 0) ends.delete(name);
    else ends.set(name, others);
    kept.end.close();
  };

  const writeAll = async (name: string, end: Kept, bytes: Uint8Array): Promise<InputTaken> => {
    let deadline = systemClock.now() + PATIENCE_MS;
    for (let from = 0; ;) {
      if (ends.get(name)?.includes(end) !== true)
        return refusal(`${name} has ended, or its stdin was closed`);
      if (from === bytes.length) return { taken: true };
      const got = end.end.write(bytes.subarray(from));
      if (typeof got === 'string') return refusal(`${name} does not read its stdin (${got})`);
      from += got;
      if (got > 0) {
        deadline = systemClock.now() + PATIENCE_MS;
        continue;
      }
      if (systemClock.now() > deadline)
        return refusal(
          `${name} does not read its stdin; it took ${String(from)} of ${String(bytes.length)} bytes`,
        );
      await new Promise<void>((resolve) => void systemClock.after(RETRY_MS, resolve));
    }
  };

  return {
    attach(name, end) {
      const kept = { end: typeof end === 'number' ? endOfPipe(end) : end, last: Promise.resolve() };
      ends.set(name, [...(ends.get(name) ?? []), kept]);
      return () => closeOne(name, kept);
    },
    close(name) {
      const kept = latest(name);
      if (kept !== undefined) closeOne(name, kept);
    },
    write(name, bytes) {
      const end = latest(name);
      if (end === undefined) {
        return Promise.resolve(
          refusal(`the stdin of ${name} is closed (it has exited, or runs with --stdin null)`),
        );
      }
      const written = end.last.then(() => writeAll(name, end, bytes));
      end.last = written;
      return written;
    },
    closeAll() {
      for (const [name, all] of ends) for (const kept of all) closeOne(name, kept);
    },
  };
}

const refusal = (why: string): InputTaken => ({ taken: false, why });

const endOfPipe = (fd: number): InputEnd => ({
  write: (bytes) => writeOnce(fd, bytes),
  close: () => closeSync(fd),
});

/** The number of bytes that went, 0 when the pipe is full, or the errno. */
function writeOnce(fd: number, bytes: Uint8Array): number | string {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    return code === 'EAGAIN' ? 0 : code;
  }
}
