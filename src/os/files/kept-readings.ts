/**
 * What was read of a procsup.yaml in an earlier run, a file for each, in a directory that is private to the user: commands are
 * run as it says. What is there is only ever slower to have again, so whatever goes wrong is silent.
 *
 * A file begins with the digest of what follows, for nothing is synced: after a power failure it may be empty or hold zeros.
 */
import { lstatSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOfBytes } from '../../text/hash.ts';
import { codeCacheDirectory, sourceIdentity } from './code-cache.ts';
import { isBelowOurs, readOwnFile, writeOwnFile } from './own-file.ts';
import { makePrivateDirectory, whyNotPrivate } from './private-directory.ts';

export interface KeptReadings {
  /** Undefined where there is none, or it cannot be believed. */
  find(name: string): string | undefined;
  keep(name: string, text: string): void;
}

const NEWLINE = 10;
const LARGEST_BYTES = 8 * 1024 * 1024;
/** One for each project, mostly. */
const MOST_FILES = 64;

/** Undefined where there is no HOME. `digestOf` need not withstand anybody. */
export function openKeptReadings(env: NodeJS.ProcessEnv): KeptReadings | undefined {
  const parent = codeCacheDirectory(env);
  if (parent === undefined) return undefined;
  const directory = join(parent, 'readings');
  return {
    find: (name) => quietly(() => (areOurs(parent, directory) ? read(join(directory, name)) : undefined)),
    keep(name, text) {
      quietly(() => {
        if (!isBelowOurs(parent)) return;
        for (const path of [parent, directory]) makePrivateDirectory(path);
        const bytes = Buffer.from(text);
        const whole = Buffer.concat([Buffer.from(`${digestOfBytes(bytes)}\n`), bytes]);
        writeOwnFile(join(directory, name), whole, { isSynced: false });
        removeOld(directory);
      });
    },
  };
}

/**
 * Changes with each build of this chunk, whatever its version says. Undefined where it runs from its sources, or in the library: what
 * was read by other code is not to be believed.
 */
export function buildIdentity(chunk: string): string | undefined {
  return quietly(() => {
    // Where this is CommonJS, the build puts the path of the chunk in its place; the chunks of the library have other names.
    const here = import.meta.url;
    if (here.startsWith('file:')) return undefined;
    const path = join(dirname(here), chunk);
    return `${sourceIdentity(statSync(path))} ${path}`;
  });
}

const areOurs = (...directories: readonly string[]): boolean =>
  directories.every((path) => whyNotPrivate(path) === undefined);

function read(path: string): string | undefined {
  const whole = readOwnFile(path, LARGEST_BYTES);
  const at = whole.indexOf(NEWLINE);
  const bytes = whole.subarray(at + 1);
  return at > 0 && whole.toString('latin1', 0, at) === digestOfBytes(bytes) ? bytes.toString() : undefined;
}

function removeOld(directory: string): void {
  const files = readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ path, wallMs: stats.mtimeMs }];
  });
  if (files.length <= MOST_FILES) return;
  files.sort((one, other) => other.wallMs - one.wallMs);
  for (const { path } of files.slice(MOST_FILES)) unlinkSync(path);
}

function quietly<T>(deed: () => T): T | undefined {
  try {
    return deed();
  } catch {
    return undefined;
  }
}
