/**
 * A tree of directories with one watch each. Node tells names only, so after an event the entry is looked at.
 *
 * - A directory is watched before it is read: what is made in it meanwhile is told, or read, or both.
 * - On any event `rename` for the name of a directory its watch and those below it are closed, and it is watched anew: it may be
 *   another one with the same name and even the same inode number. All removals of a turn come before what is new, for a
 *   directory that was renamed has the same watch in the kernel under both names.
 * - Linux does not tell that it has dropped events. Its queue is emptied in one turn of the event loop, so many callbacks in one
 *   turn mean that it may have been full: then everything is read again and compared.
 * - Where there is no watch to be had, or none is wanted, a directory is read again and compared in an interval.
 *
 * What is known of files is for those who ask whether their content has changed; it is learned slowly, beside all else.
 */
import { readFileSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Content } from '../../core/watch/content.ts';
import type { Scope } from '../../core/watch/scope.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TreeOrder, TreeWatcher } from '../../ports/tree-watcher.ts';
import { compare } from './compare.ts';
import { createKnowledge } from './knowledge.ts';
import {
  inDirectory,
  kindIn,
  leadsToDirectory,
  listingOf,
  timesAt,
  type Directory,
  type Kind,
} from './directory.ts';
import { limitOf } from './limit.ts';
import { bytesOf, nameOf } from './names.ts';
import { createSlices } from './slices.ts';

export interface TreeTools {
  readonly clock: Clock;
  /** For tests: a system that runs out of watches. */
  readonly watch?: typeof watch;
  /** For tests: the length of the queue of the kernel. */
  readonly queueLength?: number;
}

const POLL_MS = 1000;
const USUAL_QUEUE_LENGTH = 16_384;

export function createTree(order: TreeOrder, tools: TreeTools): TreeWatcher {
  const { clock } = tools;
  const watchDirectory = tools.watch ?? watch;
  const mostInTurn = (tools.queueLength ?? queueLength()) / 2;
  const all = new Map<string, Directory>();
  const slices = createSlices(() => clock.now());
  const knowledge = createKnowledge(all, clock);
  const polls = new Map<number, () => void>();
  /** Tops that are not there. */
  const awaited = new Set<string>();
  let dirty = new Map<Directory, Map<string, boolean>>();
  let changed = new Map<string, Content>();
  let inTurn = 0;
  let turn: NodeJS.Immediate | undefined;
  let refusal: string | undefined;
  let cancelAwaiting = (): void => undefined;
  let isLimitTold = false;
  let isClosed = false;

  const note = (path: string, before: Content): void => {
    if (!changed.has(path)) changed.set(path, before);
  };
  /** When everything that has come is worked off. */
  const settle = (): void => {
    if (isClosed) return;
    if (refusal !== undefined && !isLimitTold) {
      isLimitTold = true;
      order.onLimit(limitOf(refusal, order.tops, all));
    }
    if (changed.size === 0) return;
    const news = changed;
    changed = new Map();
    order.onChange(news);
  };

  /** `above`: how often the directory in which it is is polled. `isNews`: what is in it has changed. */
  const enter = (path: string, scope: Scope, above: number | undefined, isNews: boolean): void => {
    if (isClosed || all.has(path)) return;
    const pollMs = above ?? pollMsOf(path);
    const directory: Directory = {
      ...{ path, scope, pollMs, watch: undefined },
      ...{ below: new Set(), files: new Map(), links: undefined },
    };
    all.set(path, directory);
    directory.watch = pollMs === undefined ? watchOf(directory) : undefined;
    const listing = listingOf(directory);
    if (listing === undefined) return;
    if (directory.watch === undefined) poll(pollMs ?? POLL_MS);
    for (const name of [...listing.files, ...listing.links]) {
      directory.files.set(name, directory.watch === undefined ? timesAt(inDirectory(path, name)) : null);
      if (isNews) note(inDirectory(path, name), 'missing');
    }
    if (listing.links.length > 0) directory.links = new Set(listing.links);
    for (const name of listing.directories) enterBelow(directory, name, isNews);
  };

  /** Of a file it is the directory. */
  const pollMsOf = (path: string): number | undefined => {
    const files = [...order.polled].filter(([file]) => dirname(file) === path && !leadsToDirectory(file));
    return (
      order.polled.get(path) ?? (files.length === 0 ? undefined : Math.min(...files.map(([, ms]) => ms)))
    );
  };

  const enterBelow = (directory: Directory, name: string, isNews: boolean): void => {
    const scope = directory.scope.below(name);
    if (scope === undefined) return;
    directory.below.add(name);
    const path = inDirectory(directory.path, name);
    slices.add(() => {
      if (all.get(directory.path) === directory) enter(path, scope, directory.pollMs, isNews);
    });
  };

  const watchOf = (directory: Directory): FSWatcher | undefined => {
    if (refusal !== undefined) return undefined;
    try {
      const watcher = watchDirectory(bytesOf(directory.path), { encoding: 'buffer' }, (type, name) => {
        onEvent(directory, type === 'rename', name);
      });
      watcher.on('error', () => {
        directory.watch?.close();
        directory.watch = undefined;
        poll(POLL_MS);
      });
      return watcher;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') refusal = code;
      return undefined;
    }
  };

  const leave = (directory: Directory): void => {
    directory.watch?.close();
    directory.watch = undefined;
    all.delete(directory.path);
    for (const [name, content] of directory.files)
      note(inDirectory(directory.path, name), content ?? 'unknown');
    for (const name of directory.below) leaveAt(inDirectory(directory.path, name));
  };
  const leaveAt = (path: string): void => {
    const directory = all.get(path);
    if (directory !== undefined) leave(directory);
  };

  const onEvent = (directory: Directory, isRename: boolean, bytes: Buffer | null): void => {
    inTurn += 1;
    turn ??= setImmediate(lookAtDirty);
    // Without a name: anything in it.
    if (bytes === null) return readAgain([directory]);
    const name = nameOf(bytes);
    if (isRename && directory.path.endsWith(`/${name}`)) checkTop(directory);
    if (!directory.scope.wantsFile(name) && directory.scope.below(name) === undefined) return;
    const names = dirty.get(directory) ?? new Map<string, boolean>();
    dirty.set(directory, names.set(name, isRename || names.get(name) === true));
  };

  const lookAtDirty = (): void => {
    turn = undefined;
    const isOverflow = inTurn >= mostInTurn;
    inTurn = 0;
    const seen = dirty;
    dirty = new Map();
    const kinds: (readonly [Directory, string, Kind, boolean])[] = [];
    for (const [directory, names] of seen) {
      if (all.get(directory.path) !== directory) continue;
      for (const [name, isRename] of names) kinds.push([directory, name, kindIn(directory, name), isRename]);
    }
    for (const [directory, name, kind, isRename] of kinds)
      if (directory.below.has(name) && (isRename || kind !== 'directory')) {
        directory.below.delete(name);
        leaveAt(inDirectory(directory.path, name));
      }
    for (const [directory, name, kind] of kinds)
      if (all.get(directory.path) === directory) onEntry(directory, name, kind);
    if (isOverflow) readAgain([...all.values()]);
    // What is in new directories is told with it.
    slices.whenDone(settle);
  };

  const onEntry = (directory: Directory, name: string, kind: Kind): void => {
    const { files } = directory;
    if (kind === 'directory') {
      if (!directory.below.has(name)) enterBelow(directory, name, true);
      return;
    }
    const before = files.get(name);
    const path = inDirectory(directory.path, name);
    if (kind === 'missing' || kind === 'other') {
      if (before !== undefined) note(path, before ?? 'unknown');
      files.delete(name);
    } else if (directory.scope.wantsFile(name)) {
      note(path, before === undefined ? 'missing' : (before ?? 'unknown'));
      if (before === undefined) files.set(name, null);
    }
    onLink(directory, name, kind === 'link');
  };

  /** What is reached through a link may be reached by way of another link beside it. */
  const onLink = (directory: Directory, name: string, isLink: boolean): void => {
    const wasLink = directory.links?.delete(name) === true;
    if (!isLink && !wasLink) return;
    for (const other of directory.links ?? [])
      note(inDirectory(directory.path, other), directory.files.get(other) ?? 'unknown');
    if (isLink) (directory.links ??= new Set()).add(name);
  };

  const readAgain = (directories: readonly Directory[], isPoll = false): void => {
    for (const directory of directories)
      slices.add(() => {
        if (all.get(directory.path) === directory)
          compare(directory, isPoll, { note, leaveAt, enterBelow, onLink });
      });
    slices.whenDone(settle);
  };

  /** One timer for each interval. */
  const poll = (ms: number): void => {
    if (isClosed || polls.has(ms)) return;
    const again = (): void => {
      polls.delete(ms);
      const mine = [...all.values()].filter(
        (directory) => directory.watch === undefined && (directory.pollMs ?? POLL_MS) === ms,
      );
      readAgain(mine, true);
      if (mine.length > 0) slices.whenDone(() => poll(ms));
    };
    polls.set(ms, clock.after(ms, again));
  };

  /** Its own end is told by its own name, or is that of an entry with the same name. Below a top its parent tells it. */
  const checkTop = (directory: Directory): void => {
    if (!order.tops.includes(directory.path)) return;
    leave(directory);
    openTop(directory.path, true);
    slices.whenDone(settle);
  };

  const openTop = (path: string, isNews: boolean): void => {
    const scope = order.scopeAt(path);
    if (scope === undefined) return;
    if (listingOf({ path, scope }) !== undefined) return enter(path, scope, undefined, isNews);
    if (awaited.size === 0) cancelAwaiting = clock.after(POLL_MS, openAwaited);
    awaited.add(path);
  };
  const openAwaited = (): void => {
    const missing = [...awaited];
    awaited.clear();
    for (const path of missing) openTop(path, true);
    slices.whenDone(settle);
  };

  for (const path of order.tops) openTop(path, false);
  const ready = new Promise<void>((resolve) => {
    slices.whenDone(() => {
      settle();
      resolve();
    });
  });
  const known = ready.then(() => knowledge.learnAll());

  return {
    ready,
    known,
    count() {
      const polled = [...all.values()].filter((directory) => directory.watch === undefined).length;
      return { watched: all.size - polled, polled };
    },
    look: knowledge.look,
    learn: knowledge.learn,
    isThere: knowledge.isThere,
    close() {
      isClosed = true;
      slices.close();
      knowledge.close();
      cancelAwaiting();
      if (turn !== undefined) clearImmediate(turn);
      for (const cancel of polls.values()) cancel();
      for (const directory of all.values()) directory.watch?.close();
      all.clear();
    },
  };
}

function queueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || USUAL_QUEUE_LENGTH;
  } catch {
    return USUAL_QUEUE_LENGTH;
  }
}
