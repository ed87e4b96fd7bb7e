import { closeSync, constants, openSync } from 'node:fs';

/** Both ends of a FIFO. The read end is blocking; `writeFlags` is 0, or O_NONBLOCK for the other one. */
export function openFifo(
  path: string,
  writeFlags: number,
): { readonly read: number; readonly write: number } {
  // A FIFO cannot be opened for writing without a reader, and opening it for reading waits for a writer: this first,
  // non-blocking reader avoids both.
  const usher = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let write: number | undefined;
  try {
    write = openSync(path, constants.O_WRONLY | writeFlags);
    return { read: openSync(path, constants.O_RDONLY), write };
  } catch (error) {
    if (write !== undefined) closeSync(write);
    throw error;
  } finally {
    closeSync(usher);
  }
}
