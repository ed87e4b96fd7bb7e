/** Directories in which nobody but us can put anything: what we find there may be believed. */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';

const OPEN_TO_OTHERS = 0o077;

/**
 * Makes `path`, its parents too, all that is new with mode 0700; or checks what is there: a real directory, ours, and
 * nobody else's to enter. One that is ours but too open is closed to others. Throws an error with a remedy where that
 * cannot be had, or the system's own.
 */
export function makePrivateDirectory(path: string): void {
  if (statsOf(path) === undefined) makeWithParents(path);
  const stats = statsOf(path);
  if (stats !== undefined && isOurDirectory(stats) && isOpenToOthers(stats)) closeToOthers(path);
  const problem = whyNotPrivate(path);
  if (problem !== undefined) throw new Error(problem);
}

/** What is wrong with `path`, and a remedy; undefined for a private directory of ours. Changes nothing. */
export function whyNotPrivate(path: string): string | undefined {
  const stats = statsOf(path);
  if (stats === undefined) return `'${path}' does not exist`;
  if (stats.isSymbolicLink()) {
    return `'${path}' is a symbolic link, and somebody could turn it elsewhere: remove it`;
  }
  if (!stats.isDirectory()) return `'${path}' is not a directory: remove it, or move it out of the way`;
  if (!isOurs(stats)) {
    return `'${path}' belongs to another user (uid ${String(stats.uid)}): have it removed, or set XDG_STATE_HOME and XDG_RUNTIME_DIR to directories of your own`;
  }
  if (isOpenToOthers(stats)) return `'${path}' is open to other users: chmod 700 '${path}'`;
  return undefined;
}

/** Not by mkdir's own `recursive`: on Node 20 that never returns where the file system knows no such name (/proc). */
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

/** Somebody else may make it at the same moment. */
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
    // A file stands where a directory should: mkdir has the words for it.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

const isOurs = ({ uid }: Stats): boolean => uid === process.geteuid?.();
const isOurDirectory = (stats: Stats): boolean => stats.isDirectory() && isOurs(stats);
const isOpenToOthers = ({ mode }: Stats): boolean => (mode & OPEN_TO_OTHERS) !== 0;

/** Through a descriptor, which no symbolic link can slip under. */
function closeToOthers(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchmodSync(fd, 0o700);
  } finally {
    closeSync(fd);
  }
}
