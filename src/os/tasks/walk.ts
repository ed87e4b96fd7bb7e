/** Finds the files that globs mean, with what the system says of each. Links are not followed, but where a glob names one. */
import { lstatSync, readdirSync, statSync, type Dirent, type Stats } from 'node:fs';
import { basesOf, fileScopeAt, type FileRule, type FileScope } from '../../core/task/files.ts';
import { bytesOf, nameOf } from '../watch/names.ts';
import { createSlice } from './slice.ts';

export interface FoundFile {
  /** Absolute, as `watch/names.ts` makes texts of names. */
  readonly path: string;
  /** Of the link, where it is one. */
  readonly stats: Stats;
  /** It is a link that is named, and leads to this file. */
  readonly target?: Stats;
}

export interface WalkOrder {
  /** A link that is the plain part of a glob is followed: for what is read, not for what is written. */
  readonly followsNamed: boolean;
  readonly signal?: AbortSignal | undefined;
}

const UNCERTAIN = '\ufffd';

/** Regular files and links. Rejects with the system's error where a directory cannot be read; what is gone meanwhile is not found. */
export async function walk(rules: readonly FileRule[], order: WalkOrder): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  const slice = createSlice(order.signal);
  const ahead: { readonly path: string; readonly scope: FileScope }[] = [];
  for (const base of basesOf(rules)) ahead.push(...lookAtBase(rules, base, order, found));
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const { path, scope } = next;
    for (const [name, entry] of entriesOf(path)) {
      const at = path === '/' ? `/${name}` : `${path}/${name}`;
      if (entry.isDirectory()) {
        const below = scope.below(name);
        if (below !== undefined) ahead.push({ path: at, scope: below });
      } else if ((entry.isFile() || entry.isSymbolicLink()) && scope.wants(name)) {
        const stats = lstatOf(at);
        if (stats !== undefined && (stats.isFile() || stats.isSymbolicLink()))
          found.push({ path: at, stats });
      }
    }
    if (slice.isOver()) await slice.rest();
  }
  return found;
}

/** What is named by the plain part of a glob: a directory to look into, or a file. */
function lookAtBase(
  rules: readonly FileRule[],
  base: string,
  { followsNamed }: WalkOrder,
  found: FoundFile[],
): readonly { readonly path: string; readonly scope: FileScope }[] {
  const stats = lstatOf(base);
  if (stats === undefined) return [];
  const isLink = stats.isSymbolicLink();
  const target = isLink && followsNamed ? statSync(bytesOf(base), { throwIfNoEntry: false }) : undefined;
  if (isLink || stats.isFile()) {
    const at = base.lastIndexOf('/');
    const isWanted = fileScopeAt(rules, base.slice(0, at))?.wants(base.slice(at + 1)) === true;
    if (isWanted) found.push({ path: base, stats, ...(target?.isFile() === true && { target }) });
  }
  const isDirectory = stats.isDirectory() || target?.isDirectory() === true;
  const scope = isDirectory ? fileScopeAt(rules, base) : undefined;
  return scope === undefined ? [] : [{ path: base, scope }];
}

/** Names as texts are faster to read, and right but for those that are no UTF-8. */
function entriesOf(path: string): readonly (readonly [string, Dirent | Dirent<Buffer>])[] {
  try {
    const at = bytesOf(path);
    const entries = readdirSync(at, { withFileTypes: true });
    if (!entries.some(({ name }) => name.includes(UNCERTAIN)))
      return entries.map((entry) => [entry.name, entry]);
    return readdirSync(at, { withFileTypes: true, encoding: 'buffer' }).map((entry) => [
      nameOf(entry.name),
      entry,
    ]);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

export function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(bytesOf(path), { throwIfNoEntry: false });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

export const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
