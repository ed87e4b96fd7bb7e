/** Writing through libuv, which waits until the descriptor is ready. Takes pipes and sockets, refuses all else. */
import { Socket } from 'node:net';
import type { Later } from './sink.ts';

export interface SocketLater extends Later {
  /** The descriptor belongs to libuv now, and is closed by `close` or an error. */
  readonly ownsDescriptor: boolean;
}

/** Takes `fd` when something is posted for the first time: a quick reader never makes it necessary. */
export function postThroughSocket(fd: number): SocketLater {
  let socket: Socket | undefined;
  let settle: ((errno?: string) => void) | undefined;

  const finish = (errno?: string): void => {
    const settled = settle;
    settle = undefined;
    settled?.(errno);
  };

  const open = (): Socket => {
    const opened = new Socket({ fd, readable: false, writable: true });
    // An error comes both to the write and as an event, and without a listener it would end us.
    return opened.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'EIO'));
  };

  return {
    get ownsDescriptor() {
      return socket !== undefined;
    },
    post(rest, settled) {
      settle = settled;
      try {
        socket ??= open();
      } catch {
        // Somebody else in this process has given it to libuv already (EEXIST).
        setImmediate(finish, 'EBADF');
        return;
      }
      socket.write(rest, (error) => {
        if (!error) finish();
      });
    },
    close() {
      settle = undefined;
      const unwrittenBytes = socket?.writableLength ?? 0;
      socket?.destroy();
      return unwrittenBytes;
    },
  };
}
