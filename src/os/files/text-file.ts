import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { failure } from './read-failure.ts';

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
  // The modules of Node that this takes are not loaded for regular files of ours.
  return (await import('./patient-read.ts')).readPatiently(path, { pipes, limitMs });
}

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
