/** Reads a directory again and tells what differs from what was known of it. */
import type { Content } from '../../core/watch/content.ts';
import { isSame, timesOf } from './contents.ts';
import { inDirectory, leadsToDirectory, listingOf, statsOf, type Directory } from './directory.ts';

export interface Differences {
  note(path: string, before: Content): void;
  leaveAt(path: string): void;
  enterBelow(directory: Directory, name: string, isNews: boolean): void;
  onLink(directory: Directory, name: string, isLink: boolean): void;
}

/** `isPoll`: it is read in an interval, so files of which nothing is known are known from now on, and are no news. */
export function compare(directory: Directory, isPoll: boolean, found: Differences): void {
  const { path, files, below } = directory;
  const listing = listingOf(directory) ?? { files: [], links: [], directories: [] };
  const directories = new Set(listing.directories);
  for (const name of below)
    if (!directories.has(name)) {
      below.delete(name);
      found.leaveAt(inDirectory(path, name));
    }
  for (const name of directories) if (!below.has(name)) found.enterBelow(directory, name, true);

  const links = new Set(listing.links);
  const names = new Set([...listing.files, ...links]);
  for (const [name, content] of files)
    if (!names.has(name)) {
      files.delete(name);
      found.note(inDirectory(path, name), content ?? 'unknown');
      found.onLink(directory, name, false);
    }
  for (const name of names) {
    const at = inDirectory(path, name);
    const before = files.get(name);
    if (before === undefined) {
      files.set(name, null);
      found.note(at, 'missing');
      if (links.has(name)) found.onLink(directory, name, true);
    } else if (links.has(name)) {
      // The target is compared by the caller.
      if (!leadsToDirectory(at)) found.note(at, before ?? 'unknown');
    } else {
      const stats = statsOf(at);
      if (stats === undefined) continue;
      const times = timesOf(stats);
      if (before === null && isPoll) files.set(name, { ...times, hash: null });
      else if (before === null || !isSame(before, times)) found.note(at, before ?? 'unknown');
    }
  }
}
