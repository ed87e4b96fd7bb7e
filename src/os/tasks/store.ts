/**
 * Results on disk, shared by all projects of a user: nothing in it is named by where a project lies.
 *
 *   objects/ab/cdef...   contents of outputs and recorded output, named by their digest
 *   results/KEY          what a run with this key made: its files, by the digests of their contents
 *   parts/KEY            of what the key was made, to explain a later miss
 *   last/TASK            the key of the last run of a task in a directory
 *   partial/             files that are being written
 *
 * A file has its name only when all of it is written: it is renamed out of `partial`. A result comes after its objects. A
 * kill at any moment leaves a partial file or an object that nothing names. After a power failure a file may be empty or hold
 * zeros, as nothing is synced: a result therefore begins with its own digest, and an object is hashed whenever it is used.
 */
import { randomUUID } from 'node:crypto';
import { constants, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { readWithTime, removeQuietly, textOf, touch } from './files.ts';
import { hashFile, sha256 } from './hash.ts';
import { lstatOf } from './walk.ts';

export type StoredFile =
  | { readonly path: string; readonly mode: number; readonly size: number; readonly digest: string }
  | { readonly path: string; readonly target: string };

export interface StoredResult {
  readonly task: string;
  /** Where it was made, for those who look. */
  readonly directory: string;
  readonly madeAtMs: number;
  readonly durationMs: number;
  readonly files: readonly StoredFile[];
  readonly output: { readonly digest: string; readonly size: number };
}

/** An object or a result is not what it was. */
export class DamagedResult extends Error {
  override readonly name = 'DamagedResult';
}

export interface Store {
  readonly directory: string;
  /** A name for a file that is being written; its directory is there. */
  partial(): string;
  objectPath(digest: string): string;
  hasObject(digest: string, size: number): boolean;
  /** Of the file with this path, which is copied. */
  addObject(
    path: string | Buffer,
  ): Promise<{ readonly digest: string; readonly size: number; readonly isNew: boolean }>;
  /** Of a file in `partial`, which is taken over. */
  takeObject(partial: string, digest: string): void;
  /** Undefined where there is none, or it is damaged, or one of its objects is missing. It counts as used now. */
  find(key: string): StoredResult | undefined;
  /** Makes it, with its parts and as the last one of its task. */
  addResult(key: string, result: StoredResult, parts: ReadonlyMap<string, string>, taskId: string): void;
  removeResult(key: string): void;
  removeObject(digest: string): void;
  /** The last run of a task, if it is known. */
  lastOf(
    taskId: string,
  ): { readonly key: string; readonly parts: ReadonlyMap<string, string> | undefined } | undefined;
  setLast(taskId: string, key: string): void;
}

const KEY = /^[0-9a-f]{64}$/;
/** What was used within this time need not be touched again: pruning counts in days. */
const JUST_USED_MS = 60_000;
const { COPYFILE_FICLONE } = constants;

export function openStore(directory: string): Store {
  const made = new Set<string>();
  const place = (...names: readonly string[]): string => {
    const path = [directory, ...names].join('/');
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true, mode: 0o700 });
      made.add(parent);
    }
    return path;
  };
  const partial = (): string => place('partial', randomUUID());
  const objectPath = (digest: string): string =>
    `${directory}/objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
  const resultPath = (key: string): string => `${directory}/results/${key}`;
  const writeWhole = (names: readonly string[], text: string): void => {
    const temporary = partial();
    try {
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, place(...names));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  };
  const hasObject = (digest: string, size: number): boolean => lstatOf(objectPath(digest))?.size === size;
  const takeObject = (temporary: string, digest: string): void =>
    renameSync(temporary, place('objects', digest.slice(0, 2), digest.slice(2)));
  const removeResult = (key: string): void => removeQuietly(resultPath(key));

  return {
    directory,
    partial,
    objectPath,
    hasObject,
    takeObject,
    removeResult,
    removeObject: (digest) => rmSync(objectPath(digest), { force: true }),

    async addObject(path) {
      const temporary = partial();
      try {
        // A clone where the file system has them: it takes no room.
        await copyFile(path, temporary, COPYFILE_FICLONE);
        await chmod(temporary, 0o400);
        const { digest, stats } = await hashFile(temporary);
        const { size } = stats;
        if (hasObject(digest, size)) {
          rmSync(temporary, { force: true });
          return { digest, size, isNew: false };
        }
        takeObject(temporary, digest);
        return { digest, size, isNew: true };
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    },

    find(key) {
      const found = readWithTime(resultPath(key));
      if (found === undefined) return undefined;
      const result = resultOf(found.text);
      const isWhole =
        result !== undefined && objectsOf(result).every(({ digest, size }) => hasObject(digest, size));
      if (!isWhole) removeResult(key);
      // By its time it is told what was not used for long.
      else if (Math.abs(Date.now() - found.mtimeMs) > JUST_USED_MS) touch(resultPath(key));
      return isWhole ? result : undefined;
    },

    addResult(key, result, parts, taskId) {
      writeWhole(['parts', key], JSON.stringify([...parts]));
      const text = JSON.stringify(result);
      writeWhole(['results', key], `${sha256(text)}\n${text}`);
      writeWhole(['last', taskId], key);
    },

    lastOf(taskId) {
      const key = textOf(`${directory}/last/${taskId}`);
      if (key === undefined || !KEY.test(key)) return undefined;
      return { key, parts: partsOf(textOf(`${directory}/parts/${key}`)) };
    },

    setLast(taskId, key) {
      if (textOf(`${directory}/last/${taskId}`) === key) return;
      try {
        writeWhole(['last', taskId], key);
      } catch {
        // A later miss is explained by an earlier run.
      }
    },
  };
}

/** All that it names. */
export const objectsOf = ({
  files,
  output,
}: StoredResult): readonly { readonly digest: string; readonly size: number }[] => [
  ...files.filter((file) => 'digest' in file),
  output,
];

/** Undefined: it is damaged. */
export function resultOf(text: string): StoredResult | undefined {
  const at = text.indexOf('\n');
  const body = text.slice(at + 1);
  return sha256(body) === text.slice(0, at) ? (JSON.parse(body) as StoredResult) : undefined;
}

function partsOf(text: string | undefined): ReadonlyMap<string, string> | undefined {
  try {
    return text === undefined ? undefined : new Map(JSON.parse(text) as readonly [string, string][]);
  } catch {
    return undefined;
  }
}
