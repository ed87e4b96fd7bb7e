/**
 * A file that is appended to for days, as it is at its path: it is kept below a size, and a new one is begun when somebody
 * has renamed, deleted or replaced it.
 */
import { closeSync, constants, copyFileSync, fstatSync, ftruncateSync, rmSync, statSync } from 'node:fs';
import { openForAppending } from './appended-file.ts';

export interface BoundedFile {
  /**
   * To be called before `byteCount` bytes more are written: the descriptor to write them to. Another one than before when a
   * new file was begun; the one before is closed, unless it was the first. Never throws.
   */
  readyFor(byteCount: number): number;
}

/**
 * `first` is the file at `path`, open for appending. When it becomes too large it is copied to `path`.1 and truncated, not
 * renamed: its descriptor may be shared, as stdout and stderr are. Where the copy fails the file begins anew all the
 * same. If `first` is another file to begin with, it is left as it is.
 */
export function boundFile(first: number, path: string, mostBytes: number): BoundedFile {
  let fd = first;
  let isOurs = false;
  ignoringErrors(() => (isOurs = isAt(path, fd)));

  const beginAnew = (): void => {
    const next = openForAppending(path);
    if (fd !== first) closeSync(fd);
    fd = next;
  };

  const makeReady = (byteCount: number): void => {
    if (!isAt(path, fd)) return beginAnew();
    const { size } = fstatSync(fd);
    if (size === 0 || size + byteCount <= mostBytes) return;
    ignoringErrors(() => keepCopy(path));
    ftruncateSync(fd, 0);
  };

  return {
    readyFor(byteCount) {
      if (isOurs) ignoringErrors(() => makeReady(byteCount));
      return fd;
    },
  };
}

function isAt(path: string, fd: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const { ino, dev } = fstatSync(fd);
  return there?.ino === ino && there.dev === dev;
}

function keepCopy(path: string): void {
  const copy = `${path}.1`;
  rmSync(copy, { force: true });
  copyFileSync(path, copy, constants.COPYFILE_EXCL);
}

function ignoringErrors(deed: () => void): void {
  try {
    deed();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
