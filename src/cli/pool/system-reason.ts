/** Errors of the system in words. */
import type { Problem } from '../../core/problem.ts';

export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : (REASONS[code] ?? code);
}

/** The system refused what running `what` (jobs or tasks) needs. Rethrows anything that is not a system error. */
export function systemRefusal(error: unknown, what: 'jobs' | 'tasks', code: string): Problem {
  const { code: errno } = error as NodeJS.ErrnoException;
  if (errno === undefined) throw error;
  const isLimit = errno === 'EMFILE';
  return {
    code,
    severity: 'error',
    message: `cannot run ${what}: ${isLimit ? 'too many open files' : systemReason(error)}`,
    remedy: isLimit
      ? "allow more with 'ulimit -n 1024'"
      : 'free some of it, or set TMPDIR to another directory',
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it is not a directory',
  EACCES: 'permission denied',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  ENAMETOOLONG: 'path too long',
  EMFILE: 'too many open files (see `ulimit -n`)',
  ENFILE: 'too many open files in the whole system',
};
