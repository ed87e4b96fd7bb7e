/** What the files of the user contained when they were read: whether they have been edited since. */
import { relative } from 'node:path';
import { projectHash } from '../core/project-key.ts';
import { readText } from '../os/files/text-file.ts';

/** A file that is read again by a reload. */
export interface ReadFile {
  /** Absolute. */
  readonly path: string;
  /** Of its text, which may be secret; null: there was no such file. */
  readonly digest: string | null;
}

export const readFile = (path: string, text: string | null): ReadFile => ({ path, digest: digestOf(text) });

const digestOf = (text: string | null): string | null =>
  text === null ? null : `${String(text.length)} ${projectHash(text)}`;

/** Somebody waits for the answer, and it is only a hint. */
const LIMIT_MS = 1000;

/**
 * The files that a reload would find with another text, or gone, or new; by their paths below `root`. A file that
 * cannot be read now is left out: what is wrong with it is told by the reload.
 */
export async function changedFiles(files: readonly ReadFile[], root: string): Promise<readonly string[]> {
  const changed = await Promise.all(
    files.map(async ({ path, digest }) => {
      const read = await readText(path, { limitMs: LIMIT_MS });
      if (!read.ok && read.error !== 'ENOENT') return [];
      return digestOf(read.ok ? read.text : null) === digest ? [] : [nameOf(path, root)];
    }),
  );
  return changed.flat();
}

function nameOf(path: string, root: string): string {
  const below = relative(root, path);
  return below.startsWith('..') ? path : below;
}
