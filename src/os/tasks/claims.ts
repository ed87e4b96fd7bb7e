/**
 * One run for each key on this machine, without flock(2), which Node does not have: as in `os/files/lock.ts`.
 *
 * A claim is a file with a name of its own in the directory of the key, which names its process by pid, start time and boot. A process
 * that wants the key
 *   (a) looks for claims of living processes: if there is one, it waits;
 *   (b) makes its own claim, whole, by rename(2);
 *   (c) looks again: if another living process has a claim, it removes its own, waits for a random time and starts again;
 *   (d) else it has the key, until it removes its claim.
 *
 * Why never two have it: the one whose claim came second looked after that, when the claim of the other existed, and saw it. A
 * claim that a SIGKILL has left is of no living process, and is removed by the next one that has the key. One of another
 * container or machine is believed as long as its file is touched.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mayLive, ownIdentity, type ProcessIdentity } from '../process/identity.ts';
import { ownOrigin, whereaboutsOf, type Origin } from '../process/origin.ts';
import { namesIn, removeDirectory, removeQuietly, textOf, touch } from './files.ts';
import { lstatOf } from './walk.ts';

export interface LivingClaim {
  /** Unique. */
  readonly id: string;
  readonly pid: number;
}

export interface OwnClaim {
  readonly id: string;
  readonly directory: string;
  /** Idempotent; never throws. */
  release(): void;
}

const CLAIM = /^claim\.([0-9a-f-]{36})$/;
const BEAT_MS = 15_000;
/** Three beats, and some. */
const SILENCE_MS = 60_000;

/** Which process something in a directory is of. */
export interface Named {
  readonly identity: ProcessIdentity;
  readonly origin: Origin;
}

/** Without waiting. Throws the system's error. */
export function tryClaim(directory: string): OwnClaim | LivingClaim | 'contended' {
  const [before] = livingClaims(directory);
  if (before !== undefined) return before;
  const id = randomUUID();
  const path = join(directory, `claim.${id}`);
  if (!make(directory, path, id)) return 'contended';
  const others = claimNames(directory, id);
  // Ours may be gone: who has had the key meanwhile has removed the directory.
  if (others.some((name) => livingClaim(directory, name) !== undefined) || lstatOf(path) === undefined) {
    removeQuietly(path);
    return 'contended';
  }
  for (const dead of others) removeQuietly(`${directory}/${dead}`);
  return held(directory, path, id);
}

/** That we are here, and others may be as well. */
export function mark(directory: string): OwnClaim {
  for (;;) {
    const id = randomUUID();
    const path = join(directory, `claim.${id}`);
    if (make(directory, path, id)) return held(directory, path, id);
  }
}

function held(directory: string, path: string, id: string): OwnClaim {
  const beat = setInterval(() => touch(path), BEAT_MS).unref();
  return {
    id,
    directory,
    release() {
      clearInterval(beat);
      removeQuietly(path);
      removeDirectory(directory);
    },
  };
}

export const isOwn = (claim: OwnClaim | LivingClaim): claim is OwnClaim => 'release' in claim;

/** But the one of our own. */
export const livingClaims = (directory: string, own?: string): readonly LivingClaim[] =>
  claimNames(directory, own).flatMap((name) => livingClaim(directory, name) ?? []);

const claimNames = (directory: string, own?: string): readonly string[] =>
  namesIn(directory).filter((name) => {
    const id = CLAIM.exec(name)?.[1];
    return id !== undefined && id !== own;
  });

function livingClaim(directory: string, name: string): LivingClaim | undefined {
  const path = `${directory}/${name}`;
  const named = read(path);
  if (named === undefined || !isLivingClaim(path, named)) return undefined;
  return { id: name.slice(name.indexOf('.') + 1), pid: named.identity.pid };
}

/** False: the directory was removed meanwhile by the one that had the key. */
function make(directory: string, path: string, id: string): boolean {
  const temporary = join(directory, `new.${id}`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, ownText(), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
    return true;
  } catch (error) {
    removeQuietly(temporary);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

let named: Named | undefined;
/** The same as long as we run. */
export const ownNamed = (): Named => (named ??= { identity: ownIdentity(), origin: ownOrigin() });

const ownText = (): string => JSON.stringify(ownNamed());

/** `path`: what is touched while it lives. */
export function isLivingClaim(path: string, { identity, origin }: Named): boolean {
  if (whereaboutsOf(identity, origin) === 'here') return mayLive(identity);
  return Date.now() - (lstatOf(path)?.mtimeMs ?? 0) < SILENCE_MS;
}

/** One that cannot be read is of nobody: none is ever written in part. */
function read(path: string): Named | undefined {
  try {
    return JSON.parse(textOf(path) ?? '') as Named;
  } catch {
    return undefined;
  }
}

export function removeDead(directory: string): void {
  for (const name of claimNames(directory))
    if (livingClaim(directory, name) === undefined) removeQuietly(`${directory}/${name}`);
}
