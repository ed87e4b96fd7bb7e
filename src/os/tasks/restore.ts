/**
 * Puts the outputs of a result in their places: copies, never hard links. A program that writes into an output in place would
 * change the object behind a link, and with it every other checkout. Where the file system has clones, a copy takes no room.
 *
 * First everything is copied and hashed beside its place, so that damage and a full disk are found before anything has
 * changed; then what is stale is removed, and the copies are renamed. A kill in between leaves outputs of both, and the next
 * restoration finishes. Nothing outside of the working directory is touched, and no linked directory is entered.
 */
import { randomUUID } from 'node:crypto';
import {
  constants,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  type Stats,
} from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileRules, PARTIAL_PREFIX, ruleOf } from '../../core/task/files.ts';
import type { Task } from '../../core/task/task.ts';
import { bytesOf } from '../watch/names.ts';
import type { Digests } from './digests.ts';
import { nameFrom } from './fingerprint.ts';
import { hashFile } from './hash.ts';
import { DamagedResult, type Store, type StoredFile } from './store.ts';
import { lstatOf, walk, type FoundFile } from './walk.ts';

export interface Restored {
  readonly restored: number;
  readonly removed: number;
}

const MODE_BITS = 0o777;
const { COPYFILE_FICLONE } = constants;

/** Rejects with `DamagedResult`, or with the system's error. */
export async function restoreFiles(
  { outputs = [], workingDir }: Task,
  files: readonly StoredFile[],
  { store, digests }: { readonly store: Store; readonly digests: Digests },
): Promise<Restored> {
  const rules = fileRules(outputs, workingDir);
  for (const { path } of files)
    if (!isInside(path) || !ruleOf(rules, `${workingDir}/${path}`)) throw outside(path);
  const there = new Map<string, FoundFile>();
  for (const found of await walk(rules, { followsNamed: false }))
    there.set(nameFrom(workingDir, found.path), found);
  const wanted = new Set(files.map(({ path }) => path));
  const stale = [...there.keys()].filter((path) => !wanted.has(path) && isInside(path));
  const missing: StoredFile[] = [];
  for (const file of files) if (!(await isInPlace(file, there.get(file.path), digests))) missing.push(file);

  const copies = new Map<StoredFile, string>();
  const removable = new Set(stale);
  try {
    for (const file of missing) {
      makeParents(workingDir, file.path, removable);
      const beside = `${dirname(`${workingDir}/${file.path}`)}/${PARTIAL_PREFIX}${randomUUID()}`;
      copies.set(file, beside);
      await copyTo(beside, file, store);
    }
    for (const path of removable) remove(`${workingDir}/${path}`);
    for (const path of removable) removeEmptyParents(workingDir, path);
    for (const [{ path }, beside] of copies) renameSync(bytesOf(beside), bytesOf(`${workingDir}/${path}`));
    return { restored: missing.length, removed: stale.length };
  } catch (error) {
    for (const beside of copies.values()) rmSync(bytesOf(beside), { force: true });
    throw error;
  }
}

const outside = (path: string): Error => new DamagedResult(`'${path}' is not an output`);

/** A plain path below the working directory. */
export const isInside = (path: string): boolean =>
  path !== '' &&
  !path.startsWith('/') &&
  !path.split('/').some((name) => name === '..' || name === '.' || name === '');

async function isInPlace(file: StoredFile, found: FoundFile | undefined, digests: Digests): Promise<boolean> {
  if (found === undefined) return false;
  const { path, stats } = found;
  if ('target' in file) return stats.isSymbolicLink() && readlinkSync(bytesOf(path)) === file.target;
  if (!stats.isFile() || stats.size !== file.size || modeOf(stats) !== file.mode) return false;
  return (await digests.contentOf(path, stats)) === file.digest;
}

export const modeOf = ({ mode }: Stats): number => mode & MODE_BITS;

async function copyTo(beside: string, file: StoredFile, store: Store): Promise<void> {
  if ('target' in file) {
    symlinkSync(file.target, bytesOf(beside));
    return;
  }
  await copyFile(store.objectPath(file.digest), bytesOf(beside), COPYFILE_FICLONE);
  const { digest } = await hashFile(beside);
  if (digest !== file.digest) {
    store.removeObject(file.digest);
    throw new DamagedResult(`the object of '${file.path}' is damaged`);
  }
  await chmod(bytesOf(beside), file.mode);
}

/** Real directories all the way. A stale file or link in the way is removed. */
function makeParents(workingDir: string, path: string, removable: Set<string>): void {
  const names = path.split('/').slice(0, -1);
  for (const [at] of names.entries()) {
    const below = names.slice(0, at + 1).join('/');
    const directory = `${workingDir}/${below}`;
    const stats = lstatOf(directory);
    if (stats?.isDirectory() === true) continue;
    if (stats !== undefined) {
      if (!removable.delete(below))
        throw new Error(
          `cannot restore '${path}': '${below}' is ${stats.isSymbolicLink() ? 'a symbolic link' : 'a file'}`,
        );
      unlinkSync(bytesOf(directory));
    }
    mkdirSync(bytesOf(directory));
  }
}

const remove = (path: string): void => rmSync(bytesOf(path), { force: true });

function removeEmptyParents(workingDir: string, path: string): void {
  for (let below = dirname(path); below !== '.'; below = dirname(below)) {
    try {
      rmdirSync(bytesOf(`${workingDir}/${below}`));
    } catch {
      // Something is left in it.
      return;
    }
  }
}
