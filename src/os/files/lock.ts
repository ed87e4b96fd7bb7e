/**
 * One supervisor for each project, without flock(2), which Node does not have.
 *
 * A lock file is `claim.N`, made atomically by link(2) from a temporary one. A process that wants the project
 *   (a) looks for lock files of living processes: if there is one, it waits, or learns which process owns the project;
 *   (b) links its own lock file, under the next number;
 *   (c) looks again: if another living process has a lock file, it removes its own, waits for a random time and starts
 *       again;
 *   (d) else it owns the project, and publishes its name: `holder`, by rename(2).
 *
 * Why never two own it: the one that linked later looked after that, when the file of the other existed, and saw it.
 * Why one will: a contender waits only for a living process that has a lock file, and removes its own before. Why (d): a
 * lock file may still be removed, but the owner stays, so that the losers learn the right name.
 *
 * A SIGKILL at any moment leaves lock files of a crashed process. They stay until the next owner has stopped the
 * remaining processes and removes them: if it is killed before that, the next one finds them all. Only the end of its own
 * process makes a lock file invalid, and none is ever renamed: a listing might miss it.
 *
 * Without link(2) (exFAT, SMB) the file is made by O_EXCL, and is empty for a moment. Others wait meanwhile for up to 10 s,
 * by the file's time. That is weaker in two ways: after a SIGKILL at that moment the next one has to wait; and a contender
 * that sleeps there for longer is overtaken, but sees that in (c) and withdraws.
 */
import { existsSync, linkSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  lockFileNumber,
  lockFilePath,
  findLockFiles,
  OWNER_FILE,
  readLockFile,
  textOf,
  type LockOwner,
  type CrashedOwner,
  type FoundLockFile,
} from './lock-files.ts';
import { isRunTagOf } from '../../core/run-tag.ts';
import { systemClock } from '../clock.ts';
import { makePrivateDirectory } from './private-directory.ts';
import { presenceOf, type ProcessIdentity } from '../process/identity.ts';

export { whereabouts, type LockOwner, type CrashedOwner, type LostOwner } from './lock-files.ts';

/** What has become of a lock. `renewed`: its files were missing and were made again. */
export type KeptLock =
  | { readonly kind: 'kept' | 'renewed' | 'missing' }
  /** Another supervisor has the project by now. */
  | { readonly kind: 'taken'; readonly owner: LockOwner };

export interface ProjectLock {
  /** Looks whether our files are still there, and makes them again if not. Throws the system's error if it cannot. */
  readonly keep: () => KeptLock;
  /** Removes the lock files of killed supervisors, once their processes are gone. Never throws. */
  readonly removeCrashed: () => void;
  /** Releases the project. Removes only our lock file; never throws; idempotent. */
  readonly release: () => void;
}

export type LockResult =
  | { readonly ok: true; readonly lock: ProjectLock; readonly crashed: readonly CrashedOwner[] }
  | { readonly ok: false; readonly owner: LockOwner };

/** The steps of locking; for tests that end a contender after each of them. */
export type LockStep = 'written' | 'linked' | 'checked' | 'held' | 'withdrawn' | 'unnamed' | 'released';

/** `link`: for tests of a file system that has no hard links. */
interface Means {
  readonly reached: (step: LockStep) => void;
  readonly link: typeof linkSync;
}

const PATIENCE_MS = 5000;
const LONGEST_PAUSE_MS = 20;

/**
 * Locks the project whose state is in `stateDirectory`, which is made. Blocks for up to 5 s while others try the same.
 * Throws the system's error with its `code` (EROFS, EACCES, ENOSPC ...) where nothing can be written there, and an
 * error with a remedy where the directory is not private, or is another project's by a collision of their keys.
 */
export function lockProject(
  stateDirectory: string,
  owner: LockOwner,
  { reached = () => undefined, link = linkSync }: Partial<Means> = {},
): LockResult {
  const means = { reached, link };
  return explained(stateDirectory, () => {
    makePrivateDirectory(stateDirectory);
    const deadline = systemClock.now() + PATIENCE_MS;
    for (;;) {
      const attempt = tryOnce(stateDirectory, owner, means);
      if ('own' in attempt) {
        const lock = lockOf(stateDirectory, owner, attempt, means);
        return { ok: true, lock, crashed: namesOf(attempt.crashed) };
      }
      const { rival } = attempt;
      if (isOwner(rival)) return { ok: false, owner: rival.owner };
      if (systemClock.now() > deadline) return giveUp(rival, stateDirectory);
      pause();
    }
  });
}

/** The owner of the project. For clients: changes nothing. Throws if that cannot be told. */
export function ownerOf(stateDirectory: string): LockOwner | undefined {
  const found = readLockFile(join(stateDirectory, OWNER_FILE));
  if (found?.owner && found.standing === 'unclear') throw new Error(unclearText(found.owner));
  return isOwner(found) ? found.owner : undefined;
}

/** Owners whose process exited without releasing the project, and were not removed yet. */
export function crashedOwnersOf(stateDirectory: string): readonly CrashedOwner[] {
  try {
    return namesOf(crashedAmong(findLockFiles(stateDirectory)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Supervisors of other containers and machines that have a lock file here. */
export function ownersElsewhere(stateDirectory: string): readonly LockOwner[] {
  if (!existsSync(stateDirectory)) return [];
  return findLockFiles(stateDirectory).flatMap(({ owner, standing }) =>
    owner !== null && standing === 'elsewhere' ? [owner] : [],
  );
}

/** Removes the lock files of a supervisor that has ended for sure, though /proc does not tell. Never throws. */
export function removeLockOf(stateDirectory: string, ended: LockOwner): void {
  const text = textFor(ended);
  for (const found of findLockFiles(stateDirectory)) {
    if (found.owner !== null && textFor(found.owner) === text) removeIfSame(found.path, found.text);
  }
}

/** Of all projects, in the order of their keys; those that cannot be read are left out. */
export function allOwners(stateBase: string): readonly LockOwner[] {
  const owner = (key: string): readonly LockOwner[] => {
    try {
      return [ownerOf(join(stateBase, key))].filter((owner) => owner !== undefined);
    } catch {
      return [];
    }
  };
  try {
    return readdirSync(stateBase).sort().flatMap(owner);
  } catch {
    return [];
  }
}

/** `rival`: a process whose lock file is in the way; undefined for one that was faster and may be gone again. */
type Attempt =
  | { readonly own: string; readonly crashed: readonly FoundLockFile[] }
  | { readonly rival: FoundLockFile | undefined };

function tryOnce(directory: string, owner: LockOwner, { reached, link }: Means): Attempt {
  const text = textFor(owner);
  /** Ours exist already if a part of them was removed. */
  const isOurs = (found: FoundLockFile): boolean => found.text === text;
  const before = findLockFiles(directory, text);
  refuseCollision(before, owner, directory);
  const earlier = rivalAmong(before.filter((found) => !isOurs(found)));
  if (earlier !== undefined) return { rival: earlier };

  const temporary = temporaryPath(directory, owner.identity);
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    reached('written');
    const own = nextPath(directory, before);
    if (!isMade(own, temporary, text, link)) return { rival: undefined };
    reached('linked');

    const found = findLockFiles(directory, text);
    const others = found.filter((one) => !isOurs(one));
    const rival = rivalAmong(others);
    if (rival !== undefined || !found.some((one) => one.path === own && isOurs(one))) {
      removeIfSame(own, text);
      reached('withdrawn');
      return { rival };
    }
    reached('checked');
    renameSync(temporary, join(directory, OWNER_FILE));
    reached('held');
    removeLeftovers(directory, owner.identity.boot);
    return { own, crashed: crashedAmong(others) };
  } finally {
    discard(temporary);
  }
}

/** What a file system says that has no hard links, or no more of them. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function makeExclusively(path: string, temporary: string, text: string, link: typeof linkSync): void {
  try {
    link(temporary, path);
    return;
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error))) throw error;
  }
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // A full disk: it is ours, and empty.
    if (codeOf(error) !== 'EEXIST') discard(path);
    throw error;
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** The owner first: it will not go away. */
function rivalAmong(files: readonly FoundLockFile[]): FoundLockFile | undefined {
  const rivals = files.filter(({ standing }) => standing !== 'dead');
  return rivals.find(isOwner) ?? rivals[0];
}

function isOwner(found: FoundLockFile | undefined): found is FoundLockFile & { readonly owner: LockOwner } {
  if (found === undefined || found.owner === null || !isOwnerFile(found)) return false;
  return found.standing === 'living' || found.standing === 'elsewhere';
}

const isOwnerFile = ({ path }: FoundLockFile): boolean => basename(path) === OWNER_FILE;

function nextPath(directory: string, before: readonly FoundLockFile[]): string {
  const numbers = before.map(({ path }) => lockFileNumber(basename(path)) ?? 0);
  return lockFilePath(directory, Math.max(0, ...numbers) + 1);
}

/** False: another process was faster. */
function isMade(own: string, temporary: string, text: string, link: typeof linkSync): boolean {
  try {
    makeExclusively(own, temporary, text, link);
    return true;
  } catch (error) {
    // ENOENT: a process of another pid namespace took our temporary file for that of a crashed one.
    if (['EEXIST', 'ENOENT'].includes(codeOf(error))) return false;
    throw error;
  }
}

const crashedAmong = (files: readonly FoundLockFile[]): readonly FoundLockFile[] =>
  files.filter(({ standing }) => standing === 'dead');

/**
 * Once each: `holder` is a second link to the owner's lock file. What has an invalid tag is named by its file only: its
 * processes cannot be told from those of others.
 */
function namesOf(crashed: readonly FoundLockFile[]): readonly CrashedOwner[] {
  const files = crashed.filter((found) => !isOwnerFile(found));
  const others = crashed.filter(
    (found) => isOwnerFile(found) && !files.some(({ text }) => text === found.text),
  );
  return [...files, ...others].map(({ owner, path }) =>
    owner !== null && isRunTagOf(owner.mark, owner.identity.pid) ? owner : { mark: null, file: path },
  );
}

function refuseCollision(files: readonly FoundLockFile[], { root }: LockOwner, directory: string): void {
  const other = files.find(({ owner }) => owner !== null && owner.root !== root)?.owner;
  if (other === undefined || other === null) return;
  throw new Error(
    `the state directory '${directory}' of '${root}' is in use for '${other.root}': ` +
      'rename one of these directories, or set XDG_STATE_HOME to another directory for one of them',
  );
}

function lockOf(
  directory: string,
  owner: LockOwner,
  { own: first, crashed }: Extract<Attempt, { own: string }>,
  means: Means,
): ProjectLock {
  const text = textFor(owner);
  let own = first;
  let held = true;
  return {
    keep() {
      const ours = [own, join(directory, OWNER_FILE)];
      if (!held || ours.every((path) => textOf(path) === text)) return { kind: 'kept' };
      makePrivateDirectory(directory);
      const attempt = tryOnce(directory, owner, means);
      if ('rival' in attempt) {
        const { rival } = attempt;
        return isOwner(rival) ? { kind: 'taken', owner: rival.owner } : { kind: 'missing' };
      }
      if (attempt.own !== own) removeIfSame(own, text);
      own = attempt.own;
      return { kind: 'renewed' };
    },
    removeCrashed() {
      if (held) for (const found of crashed) removeIfSame(found.path, found.text);
    },
    release() {
      if (!held) return;
      held = false;
      removeIfSame(join(directory, OWNER_FILE), text);
      means.reached('unnamed');
      removeIfSame(own, text);
      means.reached('released');
    },
  };
}

const textFor = (owner: LockOwner): string => `${JSON.stringify(owner)}\n`;

/** The directory may have been emptied, and another process may have the number now. */
function removeIfSame(path: string, text: string | null): void {
  try {
    if (textOf(path) === text) unlinkSync(path);
  } catch {
    return; // The lock file of a dead process does not block others.
  }
}

/** The name identifies the process: the file may still be empty. */
function temporaryPath(directory: string, { pid, started }: ProcessIdentity): string {
  return join(directory, `making.${String(pid)}.${started}.${Math.random().toString(36).slice(2)}`);
}

/** Removes files of contenders that were killed while they made a lock file. */
function removeLeftovers(directory: string, boot: string | null): void {
  for (const name of readdirSync(directory)) {
    const [, pid, started] = /^making\.(\d+)\.(\d+)\./.exec(name) ?? [];
    if (pid === undefined || started === undefined) continue;
    if (presenceOf({ pid: Number(pid), started, boot }).is === 'gone') discard(join(directory, name));
  }
}

/** Files that are gone already, or cannot be removed, do no harm. */
function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    return;
  }
}

/** No process got the project in all this time: one was suspended while it tried, or a file is damaged. */
function giveUp(rival: FoundLockFile | undefined, directory: string): LockResult {
  if (rival?.owner && rival.standing === 'unclear') throw new Error(unclearText(rival.owner));
  if (rival?.owner) return { ok: false, owner: rival.owner };
  const what = rival === undefined ? 'too many concurrent attempts' : `cannot read '${rival.path}'`;
  throw new Error(`cannot lock the project in '${directory}': ${what}; try again in ten seconds`);
}

const unclearText = ({ identity: { pid } }: LockOwner): string =>
  `cannot tell whether the supervisor (pid ${String(pid)}) is running: /proc/${String(pid)}/stat cannot be read ` +
  '(see `ulimit -n`)';

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * (LONGEST_PAUSE_MS - 1));
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'read-only file system',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EMFILE: 'too many open files',
};

function explained<T>(directory: string, lock: () => T): T {
  try {
    return lock();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = REASONS[code] ?? (error as Error).message;
    const cause = { cause: error };
    throw Object.assign(new Error(`cannot lock the project in '${directory}': ${reason}`, cause), { code });
  }
}
