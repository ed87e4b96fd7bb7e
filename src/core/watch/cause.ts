/** What is told of changed files. */
import { isWithin } from './scope.ts';

export interface WatchCause {
  readonly by: 'watch';
  /** Relative to the root where they lie in it. At most MOST_TOLD of them. */
  readonly files: readonly string[];
  /** How many there are. */
  readonly count: number;
  /** They went on changing when that could be waited for no longer. */
  readonly unsettled?: true;
}

const MOST_TOLD = 20;

export const watchCause = (files: readonly string[], root: string, isUnsettled: boolean): WatchCause => ({
  by: 'watch',
  files: toldFiles(files, root),
  count: files.length,
  ...(isUnsettled && { unsettled: true }),
});

export const toldFiles = (files: readonly string[], root: string): readonly string[] =>
  files
    .slice(0, MOST_TOLD)
    .map((file) =>
      (isWithin(root, file) ? file.slice(root.length + 1) || '.' : file).replace(LONE, UNCERTAIN),
    );

/** A byte that is no UTF-8. */
const LONE = /[\ud800-\udfff]/gu;
const UNCERTAIN = '\ufffd';
