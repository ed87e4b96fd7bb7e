/**
 * Opens files and stdin as streams of bytes, which are read as far as somebody asks for their values. All chunks of a stream
 * come in the same memory: a stream of Node allocates 64 KiB for each, and a million lines would take 20 MB until they are
 * collected.
 */
import { close, fstatSync, open, read, statSync } from 'node:fs';
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { promisify } from 'node:util';

export const STDIN = '-';
const STDIN_FD = 0;
const CHUNK_BYTES = 64 * 1024;

/** Why a file cannot be read, as an error code of the system; undefined: it is there. */
export function whyUnreadable(path: string): string | undefined {
  if (path === STDIN) return undefined;
  try {
    return statSync(path).isDirectory() ? 'EISDIR' : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Nothing is opened before the first value is asked for. A chunk is valid until the next one is asked for. */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  if (path === STDIN) {
    yield* readStdin();
    return;
  }
  const fd = await promisify(open)(path, 'r');
  try {
    yield* readFile(fd);
  } finally {
    close(fd);
  }
}

async function* readStdin(): AsyncGenerator<Uint8Array, void, undefined> {
  const stdin = fstatSync(STDIN_FD);
  if (stdin.isFile()) yield* readFile(STDIN_FD);
  else if (stdin.isFIFO() || stdin.isSocket()) yield* readPipe(STDIN_FD);
  else for await (const chunk of process.stdin) yield chunk as Uint8Array;
}

async function* readFile(fd: number): AsyncGenerator<Uint8Array, void, undefined> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const byteCount = await readOnce(fd, chunk);
    if (byteCount === 0) return;
    yield chunk.subarray(0, byteCount);
  }
}

const readOnce = (fd: number, into: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, null, (error, byteCount) => {
      if (error === null) resolve(byteCount);
      else reject(error);
    });
  });

/** In the event loop: our exit would wait for a thread that reads from a producer which writes nothing. */
async function* readPipe(fd: number): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  const seen: { byteCount: number; isOver: boolean; failure?: Error } = { byteCount: 0, isOver: false };
  let wake = (): void => undefined;
  const options: SocketConstructorOpts & ConnectOpts = {
    ...{ fd, readable: true, writable: false },
    onread: {
      buffer,
      callback(got) {
        seen.byteCount = got;
        wake();
        // Nothing more is read into the buffer before this is taken.
        return false;
      },
    },
  };
  const socket = new Socket(options);
  socket.on('error', (error) => (seen.failure = error));
  socket.on('end', () => {
    seen.isOver = true;
    wake();
  });
  socket.on('close', () => {
    seen.isOver = true;
    wake();
  });
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      if (seen.byteCount === 0 && !seen.isOver) {
        socket.resume();
        await woken;
      }
      if (seen.byteCount > 0) {
        const chunk = buffer.subarray(0, seen.byteCount);
        seen.byteCount = 0;
        yield chunk;
      } else if (seen.failure !== undefined) throw seen.failure;
      else if (seen.isOver) return;
    }
  } finally {
    socket.destroy();
  }
}
