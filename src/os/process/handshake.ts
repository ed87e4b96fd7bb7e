/** The daemon's side of `start -d`: reports its start to the parent, line by line. */
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';

export interface Handshake {
  /** As one line of JSON. Never throws and never waits: the parent may be gone, or stopped. */
  say(value: unknown): void;
  /** The parent sees the end of it. Again has no effect. */
  close(): void;
}

/**
 * Writes to `fd` if it is a pipe or a socket, else to nothing. Node sets close-on-exec at its start, so our children do
 * not inherit it. It does not keep the process alive.
 */
export function openHandshake(fd = 3): Handshake {
  const socket = isChannel(fd) ? socketOn(fd) : undefined;
  let open = socket !== undefined;
  return {
    say(value) {
      if (open) socket?.write(`${JSON.stringify(value)}\n`);
    },
    close() {
      if (open) socket?.end();
      open = false;
    },
  };
}

function isChannel(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}

/** Undefined where libuv has it already: it was not given to us by our parent then. */
function socketOn(fd: number): Socket | undefined {
  try {
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on('error', () => undefined); // The parent is gone.
    return socket.unref();
  } catch {
    return undefined;
  }
}
