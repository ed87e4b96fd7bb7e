/** Private directories: no other user can create files in them, so their contents can be trusted. */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';

const OPEN_TO_OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes `path` and its missing parents with mode 0700, or checks an existing one: it must be a real directory, owned by
 * us and closed to others. Our own directory is closed to others if needed. Throws an error with a remedy, or the
 * system's error.
 */
export function makePrivateDirectory(path: string): void {
  if (statsOf(path) === undefined) makeWithParents(path);
  const stats = statsOf(path);
  if (stats !== undefined && isOurDirectory(stats) && isOpenToOthers(stats)) closeToOthers(path);
  const problem = whyNotPrivate(path);
  if (problem !== undefined) throw new Error(problem);
}

/**
 * The same for a directory that others may have had access to until now, or that the user has moved elsewhere by a link of
 * their own: returns a warning then. A link of another user, or to a directory of another user, is an error.
 */
export function securePrivateDirectory(path: string): string | undefined {
  const stats = statsOf(path);
  if (stats?.isSymbolicLink() === true && isOurs(stats)) {
    const target = realpathSync.native(path);
    makePrivateDirectory(target);
    return `'${path}' is a symbolic link to '${target}'`;
  }
  const wasOpen = stats !== undefined && isOurDirectory(stats) && (stats.mode & WRITABLE_BY_OTHERS) !== 0;
  makePrivateDirectory(path);
  return wasOpen ? `'${path}' was writable by other users; it is closed to them now (mode 0700)` : undefined;
}

/** Whether it is there and cannot be made ours: a link, a file, a directory of another user. */
export function isTaken(path: string): boolean {
  const stats = statsOf(path);
  return stats !== undefined && !isOurDirectory(stats);
}

/** Why `path` is not a private directory of ours, with a remedy; undefined if it is one. Changes nothing. */
export function whyNotPrivate(path: string): string | undefined {
  const stats = statsOf(path);
  if (stats === undefined) return `'${path}' does not exist`;
  if (stats.isSymbolicLink()) {
    return `'${path}' is a symbolic link, which could be redirected: remove it`;
  }
  if (!stats.isDirectory()) return `'${path}' is not a directory: remove it, or move it out of the way`;
  if (!isOurs(stats)) {
    return `'${path}' is owned by another user (uid ${String(stats.uid)}): have it removed, or set XDG_STATE_HOME and XDG_RUNTIME_DIR to directories of your own`;
  }
  if (isOpenToOthers(stats)) return `'${path}' is accessible to other users: run chmod 700 '${path}'`;
  return undefined;
}

/** Without mkdir's `recursive`, which on Node 20 never returns on file systems that refuse new names (/proc). */
function makeWithParents(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path || existsSync(parent))
      throw error;
    makeWithParents(parent);
    makeOne(path);
  }
}

/** Another process may make it at the same moment. */
function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A part of the path is a file: mkdir reports it.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

const isOurs = ({ uid }: Stats): boolean => uid === process.geteuid?.();
const isOurDirectory = (stats: Stats): boolean => stats.isDirectory() && isOurs(stats);
const isOpenToOthers = ({ mode }: Stats): boolean => (mode & OPEN_TO_OTHERS) !== 0;

/** Through a descriptor, so that it cannot be replaced by a symbolic link. */
function closeToOthers(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchmodSync(fd, 0o700);
  } finally {
    closeSync(fd);
  }
}
