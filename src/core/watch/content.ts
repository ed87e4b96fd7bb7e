/** Whether a file has changed, from what was known of it and what is there now. */

/** What is known of a file that is there. Times are in milliseconds; NaN: only the hash says anything. */
export interface FileContent {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Of its bytes; null: it is too large, or cannot be read. */
  readonly hash: number | null;
}

/** `unknown`: it was there, and nobody has looked into it. */
export type Content = FileContent | 'missing' | 'unknown';

/**
 * Equal times and size mean the same content, since every write moves the ctime. Everything else is told by the hash: a time
 * that is newer, or older, means nothing. Inode numbers mean nothing either: ext4 gives them out again.
 */
export function isChanged(before: Content, now: Content): boolean {
  if (before === 'missing' || now === 'missing') return before !== now;
  if (before === 'unknown' || now === 'unknown') return true;
  if (before.size === now.size && before.mtimeMs === now.mtimeMs && before.ctimeMs === now.ctimeMs)
    return false;
  return before.hash === null || now.hash === null || before.hash !== now.hash;
}
