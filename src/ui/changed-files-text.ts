/** Files that were edited while the supervisor runs, in one sentence; undefined if there are none. */
import { visibleText } from '../text/terminal-safe.ts';

export function changedFilesText(files: readonly string[]): string | undefined {
  if (files.length === 0) return undefined;
  const names = files.map(visibleText).join(', ');
  return files.length === 1
    ? `${names} has changed since it was read; 'procsup reload' reads it`
    : `${names} have changed since they were read; 'procsup reload' reads them`;
}
