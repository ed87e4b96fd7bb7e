/** The stdin of each program that has one: the write ends of their pipes, written without ever blocking. */
import { closeSync, writeSync } from 'node:fs';
import { systemClock } from './clock.ts';

export interface Inputs {
  /** Takes over the write end of a program's stdin, in the place of an older one of that name. */
  attach(name: string, fd: number): void;
  /** The program has ended. */
  close(name: string): void;
  /** Resolves when the pipe has taken everything, or with why it has not. */
  write(name: string, bytes: Uint8Array): Promise<InputTaken>;
  closeAll(): void;
}

export type InputTaken = { readonly taken: true } | { readonly taken: false; readonly why: string };

const RETRY_MS = 10;
const PATIENCE_MS = 2000;

export function createInputs(): Inputs {
  const ends = new Map<string, number>();

  const close = (name: string): void => {
    const fd = ends.get(name);
    if (fd !== undefined) closeSync(fd);
    ends.delete(name);
  };

  const write = async (name: string, bytes: Uint8Array): Promise<InputTaken> => {
    const fd = ends.get(name);
    if (fd === undefined) return refusal(`the stdin of ${name} is empty: it was started so, or ended`);
    const deadline = systemClock.now() + PATIENCE_MS;
    for (let from = 0; from < bytes.length;) {
      if (ends.get(name) !== fd) return refusal(`${name} has ended`);
      const got = writeOnce(fd, bytes.subarray(from));
      if (typeof got === 'string') return refusal(`${name} does not read its stdin (${got})`);
      from += got;
      if (got > 0) continue;
      if (systemClock.now() > deadline) return refusal(`${name} does not read its stdin; it is full`);
      await new Promise<void>((resolve) => void systemClock.after(RETRY_MS, resolve));
    }
    return { taken: true };
  };

  return {
    attach(name, fd) {
      close(name);
      ends.set(name, fd);
    },
    close,
    write,
    closeAll() {
      for (const name of [...ends.keys()]) close(name);
    },
  };
}

const refusal = (why: string): InputTaken => ({ taken: false, why });

/** The number of bytes that went, 0 when the pipe is full, or the errno. */
function writeOnce(fd: number, bytes: Uint8Array): number | string {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    return code === 'EAGAIN' ? 0 : code;
  }
}
