/** Writes to the stdin pipes of programs without blocking. */
import { closeSync, writeSync } from 'node:fs';
import type { InputEnd } from '../../ports/processes.ts';
import { systemClock } from '../clock.ts';

export interface Inputs {
  /** Takes over the write end of a program's stdin; replaces an older one of that name. */
  attach(name: string, end: number | InputEnd): void;
  /** The program has ended. */
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
  const ends = new Map<string, Kept>();

  const close = (name: string): void => {
    const end = ends.get(name);
    if (end !== undefined) end.end.close();
    ends.delete(name);
  };

  const writeAll = async (name: string, end: Kept, bytes: Uint8Array): Promise<InputTaken> => {
    let deadline = systemClock.now() + PATIENCE_MS;
    for (let from = 0; ;) {
      if (ends.get(name) !== end) return refusal(`${name} has ended, or its stdin was closed`);
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
      close(name);
      ends.set(name, { end: typeof end === 'number' ? endOfPipe(end) : end, last: Promise.resolve() });
    },
    close,
    write(name, bytes) {
      const end = ends.get(name);
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
      for (const name of [...ends.keys()]) close(name);
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
