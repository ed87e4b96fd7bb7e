/** The FIFO from which the shell of a slot reads what it is to run. */
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { postThroughSocket } from '../terminal/socket-later.ts';
import { writeOnce } from '../terminal/sink.ts';

export interface Control {
  /** False: the shell does not read any more. */
  write(script: string): boolean;
  /** The shell has opened it. */
  opened(): void;
  /** The shell ends when it has read everything. */
  close(): void;
}

/** Throws the system's error. */
export function openControl(path: string): Control {
  // A FIFO cannot be opened for writing without a reader, nor written to: this one is there until the shell is.
  let usher: number | undefined = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  /** Nobody needs its name any more. */
  const dismiss = (): void => {
    if (usher === undefined) return;
    closeSync(usher);
    usher = undefined;
    try {
      unlinkSync(path);
    } catch {
      // Somebody has tidied up the directory.
    }
  };
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    dismiss();
    throw error;
  }
  const later = postThroughSocket(fd);
  let isOpen = true;
  return {
    write(script) {
      const bytes = Buffer.from(script);
      const { takenBytes, errno } = writeOnce(fd, bytes);
      if (errno === undefined) return true;
      if (errno !== 'EAGAIN') return false;
      // More than the pipe holds. If the shell dies meanwhile, its exit says so.
      later.post(bytes.subarray(takenBytes), () => undefined);
      return true;
    },
    opened: dismiss,
    close() {
      if (!isOpen) return;
      isOpen = false;
      dismiss();
      if (later.ownsDescriptor) later.close();
      else closeSync(fd);
    },
  };
}
