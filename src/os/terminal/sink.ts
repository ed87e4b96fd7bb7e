/** What all kinds of standard output have in common: write what goes at once, keep the rest for later, notice the end. */
import { writeSync } from 'node:fs';
import type { Sink, SinkEvents } from '../../ports/output.ts';

/** What became of some bytes: `takenBytes` of them were written; `errno` says why not all, if not all were. */
export interface Written {
  readonly takenBytes: number;
  readonly errno?: string;
}

export const NOTHING_WRITTEN: Written = { takenBytes: 0, errno: 'EAGAIN' };

/** Sees to it that bytes that could not be written now are written. */
export interface Later {
  /** Calls back once: when all is written, or with the errno for which it never will be. Not called again before. */
  post(rest: Uint8Array, settled: (errno?: string) => void): void;
  /** Gives up. Returns the number of bytes not written. */
  close(): number;
}

export interface SinkParts {
  readonly isTerminal: boolean;
  readonly write: (bytes: Uint8Array) => Written;
  readonly later: Later;
  /** Lets go of what else belongs to it. */
  readonly release?: () => void;
}

export interface LosableSink extends Sink {
  /** It was found out, otherwise than by writing, that the reader has gone. */
  lose(errno?: string): void;
}

export function createSink({ isTerminal, write, later, release }: SinkParts): LosableSink {
  let events: SinkEvents | undefined;
  let isOver = false;
  let store = Buffer.alloc(0);

  // Not from within `write`, whose caller is in the middle of something.
  const lose = (errno?: string): void => {
    if (isOver) return;
    isOver = true;
    setImmediate(() => events?.gone(errno));
  };

  /** Copies to a buffer that is used again and again: nothing else is kept while something is. */
  const keep = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length > store.length) store = Buffer.allocUnsafeSlow(bytes.length);
    store.set(bytes);
    return store.subarray(0, bytes.length);
  };

  return {
    isTerminal,
    lose,
    listen: (listener) => void (events = listener),

    write(bytes) {
      if (isOver) return true;
      const { takenBytes, errno } = write(bytes);
      if (errno === undefined) return true;
      if (!canPass(errno)) {
        lose(errno);
        return true;
      }
      if (isNoSpace(errno)) events?.stuck(errno);
      later.post(keep(bytes.subarray(takenBytes)), (error) => {
        if (error !== undefined) lose(error);
        else if (!isOver) events?.drain();
      });
      return false;
    },

    close() {
      isOver = true;
      events = undefined;
      const droppedBytes = later.close();
      release?.();
      return droppedBytes;
    },
  };
}

/** Writes until all is written or the descriptor takes no more. */
export function writeWhatGoes(fd: number, bytes: Uint8Array): Written {
  let takenBytes = 0;
  try {
    while (takenBytes < bytes.length) takenBytes += writeSync(fd, bytes, takenBytes);
    return { takenBytes };
  } catch (error) {
    return { takenBytes, errno: errnoOf(error) };
  }
}

/** Writes once to a pipe: if it takes only a part it is full, and asking again would but cost an exception. */
export function writeOnce(fd: number, bytes: Uint8Array): Written {
  try {
    const takenBytes = writeSync(fd, bytes);
    return takenBytes === bytes.length ? { takenBytes } : { takenBytes, errno: 'EAGAIN' };
  } catch (error) {
    return { takenBytes: 0, errno: errnoOf(error) };
  }
}

/** It takes no more for now. Every other error (EPIPE, EIO after a hangup) is for good. */
export function canPass(errno: string): boolean {
  return errno === 'EAGAIN' || isNoSpace(errno);
}

function isNoSpace(errno: string): boolean {
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}
