/** Globs that match nothing: a typo in inputs would make a task cached whatever changes, one in outputs would restore nothing. */
import { readdirSync } from 'node:fs';
import { unmatchedRules, type FileRule } from '../../core/task/files.ts';
import type { Task } from '../../core/task/task.ts';
import { baseOf } from '../../core/watch/pattern.ts';
import { bytesOf } from '../watch/names.ts';
import type { FoundFile } from './walk.ts';

/** Quiet about an empty directory, and about a package where others have what is named for all. */
export function unmatchedIn(
  { isOfEvery }: Pick<Task, 'isOfEvery'>,
  rules: readonly FileRule[],
  found: readonly FoundFile[],
): readonly string[] {
  if (isOfEvery === true && found.length > 0) return [];
  const paths = found.map(({ path }) => path);
  return unmatchedRules(rules, paths)
    .filter(({ pattern }) => !isEmptyDirectory(baseOf(pattern)))
    .map(({ text }) => text);
}

function isEmptyDirectory(path: string): boolean {
  try {
    return readdirSync(bytesOf(path)).length === 0;
  } catch {
    return false;
  }
}
