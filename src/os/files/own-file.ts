/** Files of our own cache: read only if nobody but this user can have written them, and never seen half written. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

const WRITABLE_TO_OTHERS = 0o022;

/**
 * Empty where it is not a regular file of `uid`, or another user may write it, or it is too large. A FIFO would be waited for, a
 * link could lead to anything. Throws the system's error.
 */
export function readOwnFile(path: string, mostBytes: number, uid = process.geteuid?.()): Buffer {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    const isOurs = stats.isFile() && stats.uid === uid && (stats.mode & WRITABLE_TO_OTHERS) === 0;
    return isOurs && stats.size <= mostBytes ? readFileSync(fd) : Buffer.alloc(0);
  } finally {
    closeSync(fd);
  }
}

/** By `sudo` HOME may be another user's, in which nothing of ours should lie about. */
export function isBelowOurs(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined ? isBelowOurs(dirname(path)) : stats.uid === process.geteuid?.();
}

/**
 * Written under a temporary name and renamed, so that a reader sees the old file or the new one. `isSynced`: on disk before that,
 * for a crash of the system may leave holes in what is not. Throws the system's error.
 */
export function writeOwnFile(
  path: string,
  bytes: string | Buffer,
  { isSynced }: { isSynced: boolean },
): void {
  const unfinished = `${path}.${String(process.pid)}`;
  const fd = openSync(unfinished, 'wx', 0o600);
  try {
    try {
      writeFileSync(fd, bytes);
      if (isSynced) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, path);
  } catch (error) {
    unlinkSync(unfinished);
    throw error;
  }
}
