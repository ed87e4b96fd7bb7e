/**
 * When it ends, Node sets the terminals that it was started on back to their first modes, and aborts with a native
 * stack trace if that fails, which it does (EIO) after the terminal was closed. What is no longer open it leaves alone.
 */
import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** To be called last of all, from an `exit` listener. A hung up terminal is a device that is no terminal any more. */
export function leaveDeadTerminals(): void {
  for (const fd of [0, 1, 2]) {
    try {
      if (fstatSync(fd).isCharacterDevice() && !isatty(fd)) closeSync(fd);
    } catch {
      // It is closed already.
    }
  }
}
