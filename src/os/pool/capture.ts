/**
 * The FIFO for one stream of the jobs of a slot. Each job opens it by its name, and we hold a write end while one runs, so
 * that there is neither an end of file nor a hang-up between two jobs. Without that end a read tells whether something of the
 * job still holds the pipe: it does not end then.
 */
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import type { OpenReader, PipeReader } from '../../ports/output.ts';

export interface Capture {
  readonly path: string;
  /**
   * The job has ended: reads all that it has written, and tells whether something still holds the pipe. Such a pipe cannot be
   * used again.
   */
  drain(): 'free' | 'held';
  pause(): void;
  resume(): void;
  /** No job will use it: what is written from now on is thrown away, until nothing holds it. Then `gone` is called. */
  retire(gone: () => void): void;
  close(): void;
}

/** What a pipe holds: all that was written before a moment is in what is read up to there. */
const PIPE_BYTES = 64 * 1024;

/** Throws the system's error (EMFILE ...). */
export function openCapture(
  path: string,
  openReader: OpenReader,
  data: (byteCount: number) => void,
): Capture {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let write: number | undefined;
  let gone = (): void => undefined;
  let isRetired = false;
  const holdWriteEnd = (): void => {
    write = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  };
  const releaseWriteEnd = (): void => {
    if (write !== undefined) closeSync(write);
    write = undefined;
  };
  let reader: PipeReader;
  try {
    holdWriteEnd();
    reader = openReader(fd, {
      data(byteCount) {
        if (!isRetired) data(byteCount);
      },
      end: () => close(),
    });
  } catch (error) {
    releaseWriteEnd();
    closeSync(fd);
    throw error;
  }
  let isOpen = true;

  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    releaseWriteEnd();
    reader.close();
    gone();
  };

  const readRest = (): 'free' | 'held' => {
    for (let left = PIPE_BYTES; left > 0;) {
      const got = reader.readNow();
      if (got === 'end') return 'free';
      if (got === 'empty') return 'held';
      data(got);
      left -= got;
    }
    return reader.readNow() === 'end' ? 'free' : 'held';
  };

  return {
    path,
    drain() {
      releaseWriteEnd();
      const state = readRest();
      if (state === 'held') return state;
      try {
        holdWriteEnd();
        return state;
      } catch {
        // Somebody has tidied up the directory.
        return 'held';
      }
    },
    pause: () => reader.pause(),
    resume: () => reader.resume(),
    retire(listener) {
      isRetired = true;
      gone = listener;
      releaseWriteEnd();
      try {
        unlinkSync(path);
      } catch {
        // It is gone already.
      }
      reader.resume();
    },
    close,
  };
}
