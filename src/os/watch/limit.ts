import type { WatchLimit } from '../../ports/tree-watcher.ts';
import { inDirectory, type Directory } from './directory.ts';

const MOST_NAMED = 3;
/** A directory with so much of it is looked into. */
const MOST = 0.8;

/** What the system has refused, with the directories that would take most watches. */
export function limitOf(
  code: string,
  tops: readonly string[],
  all: ReadonlyMap<string, Directory>,
): WatchLimit {
  const counts = new Map<string, number>();
  for (const path of all.keys())
    for (let above = path; above !== ''; above = above.slice(0, above.lastIndexOf('/')))
      counts.set(above, (counts.get(above) ?? 0) + 1);
  const countOf = (path: string): number => counts.get(path) ?? 0;
  const below = (path: string): readonly string[] =>
    [...(all.get(path)?.below ?? [])]
      .map((name) => inDirectory(path, name))
      .sort((a, b) => countOf(b) - countOf(a));

  let named = [...tops];
  for (;;) {
    const [first] = named.sort((a, b) => countOf(b) - countOf(a));
    if (first === undefined || countOf(first) < MOST * all.size || below(first).length === 0) break;
    named = [...below(first)];
  }
  return {
    code: code === 'ENOSPC' || code === 'EMFILE' ? code : 'other',
    directories: all.size,
    polled: [...all.values()].filter(({ watch }) => watch === undefined).length,
    largest: named.slice(0, MOST_NAMED).map((path) => ({ path, directories: countOf(path) })),
  };
}
