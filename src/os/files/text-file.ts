import { isUtf8 } from 'node:buffer';
import { constants, readFileSync, statSync, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/**
 * The result of reading a text file. `error` is the errno's name, `NOT_UTF8`, `NOT_REGULAR`, `TOO_LARGE` or `TIMED_OUT`; `reason` completes
 * "cannot read 'x': ".
 */
export type TextRead =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string; readonly reason: string };

export type PathKind = 'directory' | 'file' | 'other' | 'missing' | 'out of reach';

export interface ReadOptions {
  /** Read pipes and devices such as `/dev/fd/63` too. Of what is no regular file, else only /dev/null is read. */
  readonly pipes?: boolean;
  /** Nobody else waits for us: a regular file is read at once, which saves the start of a thread (2 ms), without a limit. */
  readonly mayBlock?: boolean;
  /** Give up after this time. Default: 10 s, and 30 s for a pipe, whose writer may have work to do. */
  readonly limitMs?: number;
}

const FILE_MS = 10_000;
const PIPE_MS = 30_000;
/** Far more than a text that people write, and an end to `/dev/zero`. */
const MOST_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
/** A pipe has nothing yet: look again. */
const LOOK_AGAIN_MS = 5;

/**
 * Reads a UTF-8 text file as a whole. The byte order mark stays. Other threads do it, and not for longer than the limit:
 * neither a FIFO without a writer nor a file on a server that does not answer stops us.
 */
export async function readText(path: string, options: ReadOptions = {}): Promise<TextRead> {
  let bytes: Buffer;
  try {
    bytes = await readBytes(path, options);
  } catch (error) {
    return refused(error as NodeJS.ErrnoException);
  }
  if (isUtf8(bytes)) return { ok: true, text: bytes.toString('utf8') };
  return { ok: false, error: 'NOT_UTF8', reason: whyNotUtf8(bytes) };
}

async function readBytes(path: string, { pipes = false, mayBlock, limitMs }: ReadOptions): Promise<Buffer> {
  if (mayBlock === true) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw failure('ENOENT');
    if (stats.isFile()) return readFileSync(path);
  }
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

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** The kind of `path`, following symbolic links; `out of reach` if the system denies access. */
export function kindOf(path: string): PathKind {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return 'missing';
    if (stats.isDirectory()) return 'directory';
    return stats.isFile() ? 'file' : 'other';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'missing' : 'out of reach';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENXIO: 'is a socket, or a device that does not respond',
  EMFILE: 'too many open files',
  NOT_REGULAR: 'not a regular file',
  TOO_LARGE: 'file too large (the limit is 16 MiB)',
};

function refused({ code, message }: NodeJS.ErrnoException): TextRead {
  const error = code ?? 'UNKNOWN';
  return { ok: false, error, reason: REASONS[error] ?? message };
}

function whyNotUtf8(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') return 'is UTF-16, not UTF-8';
  return `invalid UTF-8 in line ${firstBadLine(bytes)}`;
}

function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(10, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}
