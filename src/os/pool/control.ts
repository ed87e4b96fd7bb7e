/** The FIFO from which the shell of a slot reads what it is to run. */
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { bytesOfValue } from '../../core/pool/quote-value.ts';
import { postThroughSocket } from '../terminal/socket-later.ts';
import { writeOnce } from '../terminal/sink.ts';

export interface Control {
  /** The end that the shell gets. */
  readonly forShell: number;
  /** The shell has its end, or there will be none. */
  handedOver(): void;
  /** False: the shell does not read any more. */
  write(script: string): boolean;
  /** The shell ends when it has read everything. */
  close(): void;
}

/** Throws the system's error. */
export function openControl(path: string): Control {
  const opened: number[] = [];
  const open = (flags: number): number => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  let forShell: number;
  let fd: number;
  try {
    // A FIFO cannot be opened for writing without a reader; that of a shell is to wait for what is written.
    const usher = open(constants.O_RDONLY | constants.O_NONBLOCK);
    fd = open(constants.O_WRONLY | constants.O_NONBLOCK);
    forShell = open(constants.O_RDONLY);
    opened.shift();
    closeSync(usher);
  } catch (error) {
    opened.forEach(closeSync);
    throw error;
  } finally {
    forget(path);
  }
  let isOurs = true;
  const handedOver = (): void => {
    if (isOurs) closeSync(forShell);
    isOurs = false;
  };
  const later = postThroughSocket(fd);
  let isOpen = true;
  return {
    forShell,
    handedOver,
    write(script) {
      const bytes = bytesOfValue(script);
      const { takenBytes, errno } = writeOnce(fd, bytes);
      if (errno === undefined) return true;
      if (errno !== 'EAGAIN') return false;
      // More than the pipe holds. If the shell dies meanwhile, its exit says so.
      later.post(bytes.subarray(takenBytes), () => undefined);
      return true;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      handedOver();
      if (later.ownsDescriptor) later.close();
      else closeSync(fd);
    },
  };
}

function forget(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody has tidied up the directory.
  }
}
