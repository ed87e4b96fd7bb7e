import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';

/** The result of reading a text file. `error` is the errno's name or `NOT_UTF8`; `reason` completes "cannot read 'x': ". */
export type TextRead =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string; readonly reason: string };

export type PathKind = 'directory' | 'file' | 'other' | 'missing' | 'out of reach';

/** Reads a UTF-8 text file as a whole; pipes and devices such as `/dev/fd/63` too. The byte order mark stays. */
export function readText(path: string): TextRead {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return refused(error as NodeJS.ErrnoException);
  }
  if (isUtf8(bytes)) return { ok: true, text: bytes.toString('utf8') };
  return { ok: false, error: 'NOT_UTF8', reason: whyNotUtf8(bytes) };
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
