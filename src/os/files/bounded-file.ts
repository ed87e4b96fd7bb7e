/** Keeps a file that somebody appends to for days below a size: what it has is put aside, and it begins anew. */
import { constants, copyFileSync, fstatSync, ftruncateSync, rmSync, statSync } from 'node:fs';

/** Room for `byteCount` more bytes in the file at `path`, which is open for appending as `fd`. Never throws. */
export type MakeRoom = (byteCount: number) => void;

/**
 * The file is copied to `path`.1 and truncated, not renamed: its descriptor may be shared, as stdout and stderr are, and
 * cannot be replaced. Where the copy fails the file begins anew all the same.
 */
export function boundFile(fd: number, path: string, mostBytes: number): MakeRoom {
  const makeRoom = (byteCount: number): void => {
    const { size, ino } = fstatSync(fd);
    if (size === 0 || size + byteCount <= mostBytes) return;
    // Somebody may have put the file aside already: then nothing else is overwritten.
    if (statSync(path, { throwIfNoEntry: false })?.ino === ino) ignoringErrors(() => keepCopy(path));
    ftruncateSync(fd, 0);
  };
  return (byteCount) => ignoringErrors(() => makeRoom(byteCount));
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
