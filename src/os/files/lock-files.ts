/** Reads the lock files of a project, which name the supervisors that own it, or want to. `lock.ts` makes them. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presenceOf, type ProcessIdentity } from '../process/identity.ts';
import { whereaboutsOf, type Origin, type Whereabouts } from '../process/origin.ts';

/** `library`: part of another program. */
const MODES = ['foreground', 'daemon', 'library'] as const;

/** What a supervisor says of itself. */
export interface LockOwner {
  readonly identity: ProcessIdentity;
  /** Where its pid means something. An older version does not say. */
  readonly origin?: Origin;
  /** The project's directory, symbolic links resolved. */
  readonly root: string;
  /** The path by which it was started, if that has symbolic links. */
  readonly givenRoot?: string;
  readonly socket: string;
  /** The beginning of the PROCSUP_RUN_ID of all that it starts. */
  readonly mark: string;
  /** The directory of its FIFOs, if it has one. An older version does not say. */
  readonly pipes?: string;
  readonly mode: (typeof MODES)[number];
  /** ISO 8601. */
  readonly since: string;
  /** Of procsup. */
  readonly version: string;
}

/** A lock file that cannot be read, or whose run tag is not one of its owner. */
export interface LostOwner {
  readonly mark: null;
  readonly file: string;
}

export type CrashedOwner = LockOwner | LostOwner;

/**
 * `unclear`: it cannot be read, but is so young that somebody may be writing it; or it cannot be told whether its process
 * is running. `elsewhere`: in another container or on another machine, where /proc tells nothing: it is never overruled.
 */
export type Standing = 'living' | 'dead' | 'unclear' | 'elsewhere';

export interface FoundLockFile {
  readonly path: string;
  /** Null: it cannot be read. */
  readonly text: string | null;
  /** Null: it does not name one. */
  readonly owner: LockOwner | null;
  readonly standing: Standing;
}

/** Names the one that holds the project; the other files are of those who want to, or did. */
export const OWNER_FILE = 'holder';
const UNCLEAR_MS = 10_000;

export function lockFilePath(directory: string, number: number): string {
  return join(directory, `claim.${String(number)}`);
}

/** The number of a lock file, or undefined for other files. */
export function lockFileNumber(name: string): number | undefined {
  const digits = /^claim\.(\d{1,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * All lock files of a project; that of its owner twice. Throws the system's error, ENOENT too. `ours`: the text of our own,
 * which live without a look at /proc.
 */
export function findLockFiles(directory: string, ours?: string): readonly FoundLockFile[] {
  return readdirSync(directory)
    .filter((name) => name === OWNER_FILE || lockFileNumber(name) !== undefined)
    .map((name) => readLockFile(join(directory, name), ours))
    .filter((found) => found !== undefined);
}

/** Undefined where it is gone. Throws what says nothing about the file: that no descriptor is free, for example. */
export function readLockFile(path: string, ours?: string): FoundLockFile | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const owner = text === null ? null : parseOwner(text);
  return { path, text, owner, standing: text === ours ? 'living' : standingOf(path, owner) };
}

const STANDINGS = { living: 'living', gone: 'dead', unknown: 'unclear' } as const;

/** Where the process of an owner is: only `here` its pid and /proc say something about it. */
export const whereabouts = ({ identity, origin }: LockOwner): Whereabouts => whereaboutsOf(identity, origin);

function standingOf(path: string, owner: LockOwner | null): Standing {
  if (owner !== null) {
    if (whereabouts(owner) !== 'here') return 'elsewhere';
    return STANDINGS[presenceOf(owner.identity).is];
  }
  const changedMs = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.abs(Date.now() - changedMs) > UNCLEAR_MS ? 'dead' : 'unclear';
}

/** These are of the file's own making. */
const DAMAGE = ['EACCES', 'EISDIR', 'ELOOP', 'EMLINK', 'ENXIO', 'EPERM'];

/** Undefined: there is none. Null: it is none of ours, or cannot be read. */
export function textOf(path: string): string | null | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    return stats.isFile() && stats.uid === process.geteuid?.() ? readFileSync(fd, 'utf8') : null;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (DAMAGE.includes(code)) return null;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function parseOwner(text: string): LockOwner | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isLockOwner(value) ? value : null;
}

function isLockOwner(value: unknown): value is LockOwner {
  if (!isRecord(value) || !isIdentity(value['identity'])) return false;
  const words = ['root', 'socket', 'mark', 'since', 'version'].map((name) => value[name]);
  const { mode, origin, givenRoot, pipes } = value;
  if (origin !== undefined && !isOrigin(origin)) return false;
  if (![givenRoot, pipes].every((path) => path === undefined || typeof path === 'string')) return false;
  return words.every((word) => typeof word === 'string') && MODES.some((known) => known === mode);
}

function isOrigin(value: unknown): value is Origin {
  if (!isRecord(value)) return false;
  const { machine, pidNamespace } = value;
  return typeof machine === 'string' && (pidNamespace === null || typeof pidNamespace === 'string');
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (!isRecord(value)) return false;
  const { pid, started, boot } = value;
  const isPid = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0;
  return isPid && typeof started === 'string' && (boot === null || typeof boot === 'string');
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
