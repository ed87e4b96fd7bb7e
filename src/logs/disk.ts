/** What log files need of the file system: as small as a test needs it to fill the disk. All of it throws as node:fs does. */
import {
  close,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

export interface LogDisk {
  /** With its parents, for us alone. */
  makeDirectory(path: string): void;
  list(directory: string): readonly string[];
  /**
   * `write` makes it if need be, for us alone, and changes nothing of it. Anything but a regular file is refused with the
   * code NOT_REGULAR: a FIFO would block us until somebody opens its other end.
   */
  open(path: string, mode: 'read' | 'write'): number;
  close(fd: number): void;
  stat(fd: number): FileFacts;
  /** Which file is at `path` now; undefined for none. */
  inodeAt(path: string): number | undefined;
  /** How much was read; less than the buffer holds at the end of the file only. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** How much was written, which may be less than all. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  truncate(fd: number, sizeBytes: number): void;
  rename(from: string, to: string): void;
  /** Is content with what is not there. */
  remove(path: string): void;
}

export interface FileFacts {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

export const nodeDisk: LogDisk = {
  makeDirectory: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (directory) => readdirSync(directory),
  open(path, mode) {
    const flags = mode === 'read' ? O_RDONLY : O_RDWR | O_CREAT;
    const fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw Object.assign(new Error(`${path} is not a regular file`), { code: 'NOT_REGULAR' });
  },
  close: closeSync,
  stat(fd) {
    const { size, mtimeMs, ino } = fstatSync(fd);
    return { sizeBytes: size, mtimeMs, inode: ino };
  },
  inodeAt: (path) => statSync(path, { throwIfNoEntry: false })?.ino,
  read(fd, into, position) {
    let done = 0;
    while (done < into.length) {
      const got = readSync(fd, into, done, into.length - done, position + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  },
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  truncate: ftruncateSync,
  rename: renameSync,
  remove: removeLater,
};

/**
 * The name is gone at once. What was under it is freed by its last close, which takes milliseconds for a large file, and
 * so is left to another thread.
 */
function removeLater(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    // It is not there, or there is no descriptor to be had: then it takes its time.
    errnoOf(error);
  }
  rmSync(path, { force: true });
  if (fd !== undefined) close(fd, () => undefined);
}

/** The name of the error if the system made it (`ENOSPC`); whatever else is our own bug, and thrown on. */
export function errnoOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return code;
}
