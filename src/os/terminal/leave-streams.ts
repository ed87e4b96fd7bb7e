/**
 * Keeps Node and koffi from using our standard streams at the very end of this process, by replacing them with
 * /dev/null.
 */
import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { isTerminal } from './is-terminal.ts';

/**
 * When it ends, Node sets the terminals that it was started on back to their first modes, and aborts with a native
 * stack trace if that fails, which it does (EIO) after the terminal was closed. What is no longer open it leaves alone.
 *
 * To be called last of all, from an `exit` listener. A hung up terminal is a device that is no terminal any more.
 */
export function leaveDeadTerminals(): void {
  leave((stats, fd) => stats.isCharacterDevice() && !isTerminal(fd));
}

/**
 * koffi, once it is loaded, ends with an fsync(2) of stdout and stderr: a gigabyte just written would have to be on the
 * disk before we end, and a failure would be told on stderr. To be called like the other.
 */
export function leaveFiles(): void {
  leave((stats) => stats.isFile());
}

function leave(isMeant: (stats: Stats, fd: number) => boolean): void {
  for (const fd of [0, 1, 2]) {
    try {
      if (!isMeant(fstatSync(fd), fd)) continue;
      closeSync(fd);
      openSync('/dev/null', 'r+'); // The lowest number that is free.
    } catch {
      // It is closed already.
    }
  }
}
