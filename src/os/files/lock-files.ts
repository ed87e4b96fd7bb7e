/** The files by which a supervisor says that a project is its own, as they are found. `lock.ts` makes them. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLiving, type ProcessIdentity } from '../process/identity.ts';

/** `library`: part of another program. */
const MODES = ['foreground', 'daemon', 'library'] as const;

/** What a supervisor says of itself. */
export interface Claim {
  readonly identity: ProcessIdentity;
  /** The project's directory, symbolic links resolved. */
  readonly root: string;
  readonly socket: string;
  /** The beginning of the PROCSUP_RUN_ID of all that it starts. */
  readonly mark: string;
  readonly mode: (typeof MODES)[number];
  /** ISO 8601. */
  readonly since: string;
  /** Of procsup. */
  readonly version: string;
}

/** Somebody's claim that cannot be read any more. */
export interface LostClaim {
  readonly mark: null;
  readonly file: string;
}

export type DeadClaim = Claim | LostClaim;

/** `unclear`: it cannot be read, but is so young that somebody may be writing it. */
export type Standing = 'living' | 'dead' | 'unclear';

export interface FoundClaim {
  readonly path: string;
  /** Null: it cannot be read. */
  readonly text: string | null;
  /** Null: it is no claim. */
  readonly claim: Claim | null;
  readonly standing: Standing;
}

/** Names the one that holds the project; the other files are of those who want to, or did. */
export const OWNER_FILE = 'holder';
const UNCLEAR_MS = 10_000;

export function claimPath(directory: string, number: number): string {
  return join(directory, `claim.${String(number)}`);
}

/** The number of a claim among the files of a directory, or undefined. */
export function claimNumber(name: string): number | undefined {
  const digits = /^claim\.(\d{1,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** All that claim the project, its owner twice. Throws the system's error, ENOENT too. */
export function findClaims(directory: string): readonly FoundClaim[] {
  return readdirSync(directory)
    .filter((name) => name === OWNER_FILE || claimNumber(name) !== undefined)
    .map((name) => readClaim(join(directory, name)))
    .filter((found) => found !== undefined);
}

/** Undefined where it is gone. Throws what says nothing about the claim: that no descriptor is free, for example. */
export function readClaim(path: string): FoundClaim | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const claim = text === null ? null : parseClaim(text);
  return { path, text, claim, standing: standingOf(path, claim) };
}

function standingOf(path: string, claim: Claim | null): Standing {
  if (claim !== null) return isLiving(claim.identity) ? 'living' : 'dead';
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

function parseClaim(text: string): Claim | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isClaim(value) ? value : null;
}

function isClaim(value: unknown): value is Claim {
  if (!isRecord(value) || !isIdentity(value['identity'])) return false;
  const words = ['root', 'socket', 'mark', 'since', 'version'].map((name) => value[name]);
  const { mode } = value;
  return words.every((word) => typeof word === 'string') && MODES.some((known) => known === mode);
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (!isRecord(value)) return false;
  const { pid, started, boot } = value;
  const isPid = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0;
  return isPid && typeof started === 'string' && (boot === null || typeof boot === 'string');
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
