/** One directory of a watched tree, and the calls by which it is read. */
import { lstatSync, readdirSync, statSync, type Dirent, type FSWatcher, type Stats } from 'node:fs';
import type { FileContent } from '../../core/watch/content.ts';
import type { Scope } from '../../core/watch/scope.ts';
import { timesOf } from './contents.ts';
import { bytesOf, nameOf } from './names.ts';

export interface Directory {
  readonly path: string;
  readonly scope: Scope;
  /** Of the top to which it belongs. Undefined: the system tells. */
  readonly pollMs: number | undefined;
  /** Undefined: it is polled. */
  watch: FSWatcher | undefined;
  /** Names of the directories in it that are watched. */
  readonly below: Set<string>;
  /** By name, all files that are wanted; null: nobody has looked into it. */
  readonly files: Map<string, FileContent | null>;
  /** Those of `files` that are links. */
  links: Set<string> | undefined;
}

export interface Listing {
  readonly files: readonly string[];
  readonly links: readonly string[];
  readonly directories: readonly string[];
}

const UNCERTAIN = '\ufffd';

export const inDirectory = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

/** What of it is wanted. Undefined: it cannot be read, or is not there any more. */
export function listingOf({ path, scope }: Pick<Directory, 'path' | 'scope'>): Listing | undefined {
  const entries = entriesOf(path);
  if (entries === undefined) return undefined;
  const [files, links, directories]: [string[], string[], string[]] = [[], [], []];
  for (const entry of entries) {
    const name = typeof entry.name === 'string' ? entry.name : nameOf(entry.name);
    if (entry.isDirectory()) {
      if (scope.below(name) !== undefined) directories.push(name);
    } else if (entry.isSymbolicLink()) {
      if (scope.leads(name) && leadsToDirectory(inDirectory(path, name))) directories.push(name);
      else if (scope.wantsFile(name)) links.push(name);
    } else if (entry.isFile() && scope.wantsFile(name)) files.push(name);
  }
  return { files, links, directories };
}

/** Names as texts are faster to read, and right but for those that are no UTF-8. */
function entriesOf(path: string): readonly (Dirent | Dirent<Buffer>)[] | undefined {
  try {
    const at = bytesOf(path);
    const entries = readdirSync(at, { withFileTypes: true });
    return entries.some(({ name }) => name.includes(UNCERTAIN))
      ? readdirSync(at, { withFileTypes: true, encoding: 'buffer' })
      : entries;
  } catch {
    return undefined;
  }
}

/** What an entry of a directory is now. */
export type Kind = 'missing' | 'file' | 'link' | 'directory' | 'other';

export function kindIn({ path, scope }: Directory, name: string): Kind {
  const at = inDirectory(path, name);
  const stats = statsOf(at);
  if (stats === undefined) return 'missing';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return scope.leads(name) && leadsToDirectory(at) ? 'directory' : 'link';
  return stats.isFile() ? 'file' : 'other';
}

export function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(bytesOf(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Of what is compared in an interval. */
export function timesAt(path: string): FileContent | null {
  const stats = statsOf(path);
  return stats === undefined ? null : { ...timesOf(stats), hash: null };
}

export function leadsToDirectory(path: string): boolean {
  try {
    return statSync(bytesOf(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}
