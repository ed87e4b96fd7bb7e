/** Watches trees of files. Paths are absolute; bytes in them that are no UTF-8 are lone surrogates, as Python has them. */
import type { Content } from '../core/watch/content.ts';
import type { LargeDirectory, LimitCode } from '../core/watch/limit.ts';
import type { Scope } from '../core/watch/scope.ts';

export interface TreeOrder {
  /** The directories at which it begins. What leads to a watched path is watched as well. */
  readonly tops: readonly string[];
  /** By path: files and directories at which to look so often, in milliseconds, instead of being told. */
  readonly polled: ReadonlyMap<string, number>;
  readonly scopeAt: (directory: string) => Scope | undefined;
  /** What was known of each path before. */
  readonly onChange: (before: ReadonlyMap<string, Content>) => void;
  /** Called once, when the system cannot watch everything: the rest is polled. */
  readonly onLimit: (limit: WatchLimit) => void;
}

export interface WatchLimit {
  readonly code: LimitCode;
  /** How many directories were to be watched, and how many of them are polled. */
  readonly directories: number;
  readonly polled: number;
  /** Those with the most directories in them. */
  readonly largest: readonly LargeDirectory[];
}

export interface Looked {
  readonly now: ReadonlyMap<string, Content>;
  /** A file was being written meanwhile. */
  readonly isMoving: boolean;
}

export interface TreeWatcher {
  /** Everything is watched. */
  readonly ready: Promise<void>;
  /** The content of all files is known, so far as it is not too new. */
  readonly known: Promise<void>;
  /** How many directories are watched, and polled. */
  count(): { readonly watched: number; readonly polled: number };
  /** What there is now, which is known from then on. */
  look(paths: readonly string[]): Promise<Looked>;
  /** The same, but what has changed since this call stays unknown. */
  learn(paths: readonly string[]): Promise<void>;
  isThere(path: string): boolean;
  close(): void;
}

/** What a repository says. */
export interface Repository {
  /** Those that it ignores, unless `bases`, in which they lie, are ignored themselves. */
  ignored(bases: readonly string[], paths: readonly string[]): Promise<ReadonlySet<string>>;
  /** A checkout or rebase is in progress in the repository in which one of them lies. */
  isBusy(bases: readonly string[]): boolean;
}
