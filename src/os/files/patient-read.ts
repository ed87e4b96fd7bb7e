/** Reading of what may keep us waiting: a FIFO without a writer, a file on a server that does not answer. */
import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { failure } from './read-failure.ts';

const FILE_MS = 10_000;
const PIPE_MS = 30_000;
/** Far more than a text that people write, and an end to `/dev/zero`. */
const MOST_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
/** A pipe has nothing yet: look again. */
const LOOK_AGAIN_MS = 5;

export interface PatientOptions {
  readonly pipes: boolean;
  readonly limitMs: number | undefined;
}

/** Other threads do it. Rejects with the system's error, or with one of `TextRead`. */
export async function readPatiently(path: string, { pipes, limitMs }: PatientOptions): Promise<Buffer> {
  const limit = createLimit(limitMs ?? FILE_MS);
  // O_NONBLOCK: to open a FIFO waits for its writer, and to read one for its text.
  const opening = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const file = await limit.within(opening);
    const stats = await limit.within(file.stat());
    if (stats.isDirectory()) throw failure('EISDIR');
    if (stats.isFile()) return await limit.within(readToEnd(file, path, limit));
    if (!pipes && !(await isNull(stats))) throw failure('NOT_REGULAR');
    limit.extend(limitMs ?? PIPE_MS);
    return await limit.within(readToEnd(file, path, limit));
  } finally {
    // Also when it is opened at last. Those who count descriptors next must not find it.
    const closed = opening.then((file) => file.close());
    await limit.within(closed).catch(() => undefined);
    limit.clear();
  }
}

/** A FIFO that nobody has opened for writing yet looks as if it were at its end. */
async function readToEnd(file: FileHandle, path: string, limit: Limit): Promise<Buffer> {
  const isNamedFifo = (await file.stat()).isFIFO() && !/^\/(?:dev|proc\/[^/]+)\/fd\//.test(path);
  const pieces: Buffer[] = [];
  let byteCount = 0;
  while (!limit.isOver) {
    const got = await readPiece(file);
    if (got === 'not yet' || (got.length === 0 && byteCount === 0 && isNamedFifo)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      continue;
    }
    if (got.length === 0) break;
    pieces.push(got);
    byteCount += got.length;
    if (byteCount > MOST_BYTES) throw failure('TOO_LARGE');
  }
  return Buffer.concat(pieces);
}

async function readPiece(file: FileHandle): Promise<Buffer | 'not yet'> {
  const into = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const { bytesRead } = await file.read(into, 0, into.length, null);
    return into.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'not yet';
    throw error;
  }
}

async function isNull({ rdev }: Stats): Promise<boolean> {
  return (await stat('/dev/null').catch(() => undefined))?.rdev === rdev;
}

interface Limit {
  readonly isOver: boolean;
  /** What is asked for, or a failure when the time is over. */
  within<T>(asked: Promise<T>): Promise<T>;
  /** So much more time, from now on. */
  extend(ms: number): void;
  clear(): void;
}

function createLimit(limitMs: number): Limit {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let fail: (error: Error) => void;
  const over = new Promise<never>((_, reject) => (fail = reject));
  over.catch(() => undefined);
  const extend = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isOver = true;
      fail(Object.assign(new Error(`timed out after ${String(ms / 1000)}s`), { code: 'TIMED_OUT' }));
    }, ms);
  };
  extend(limitMs);
  return {
    get isOver() {
      return isOver;
    },
    within: (asked) => Promise.race([asked, over]),
    extend,
    clear: () => clearTimeout(timer),
  };
}
