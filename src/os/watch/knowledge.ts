/** What is known of the files of a tree: learned once, slowly, and again whenever somebody looks. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Content, FileContent } from '../../core/watch/content.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TreeWatcher } from '../../ports/tree-watcher.ts';
import { MOST_HASHED_BYTES, sightOf, TICK_MS, type Sight } from './contents.ts';
import { inDirectory, type Directory } from './directory.ts';
import { bytesOf } from './names.ts';

export interface Knowledge extends Pick<TreeWatcher, 'look' | 'learn' | 'isThere'> {
  /** All that are not known yet. */
  learnAll(): void;
  close(): void;
}

const AT_ONCE = 16;
/** After each batch of the first pass: it takes a quarter of a core at most. */
const REST = 3;

export function createKnowledge(all: ReadonlyMap<string, Directory>, clock: Clock): Knowledge {
  let isClosed = false;
  let cancel = (): void => undefined;
  const placeOf = (path: string) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const directory = all.get(dirname(path));
    return { name, files: directory?.files, isPolled: directory?.watch === undefined };
  };
  const keep = (path: string, content: Content): void => {
    const { name, files } = placeOf(path);
    if (typeof content === 'object') files?.set(name, content);
    else files?.delete(name);
  };
  /** `untilMs`: what was changed after that stays unknown. */
  const keepOlder = (path: string, { content, changedMs }: Sight, untilMs: number): void => {
    const { name, files, isPolled } = placeOf(path);
    if (typeof content !== 'object') files?.delete(name);
    else if (files?.has(name) !== true) return;
    else if (changedMs < untilMs - TICK_MS) files.set(name, content);
    // A change is told, but not where it is found by comparing.
    else if (!isPolled) files.set(name, null);
  };
  const see = async (paths: readonly string[], each: (path: string, sight: Sight) => void): Promise<void> => {
    for (let at = 0; at < paths.length && !isClosed; at += AT_ONCE) {
      const some = paths.slice(at, at + AT_ONCE);
      const sights = await Promise.all(
        some.map((path) => {
          const { files, name } = placeOf(path);
          return sightOf(path, files?.get(name));
        }),
      );
      for (const [index, sight] of sights.entries()) each(some[index] ?? '', sight);
    }
  };

  const unknown = function* (): Generator<string> {
    for (const directory of [...all.values()])
      for (const [name, content] of directory.files)
        if (isUnknown(content)) yield inDirectory(directory.path, name);
  };

  return {
    isThere: (path) => existsSync(bytesOf(path)),

    async look(paths) {
      const now = new Map<string, Content>();
      let isMoving = false;
      await see(paths, (path, sight) => {
        now.set(path, sight.content);
        isMoving ||= sight.isMoving;
        keep(path, sight.content);
      });
      return { now, isMoving };
    },

    async learn(paths) {
      const untilMs = clock.wallNow();
      await see(paths, (path, sight) => keepOlder(path, sight, untilMs));
    },

    learnAll() {
      const untilMs = clock.wallNow();
      const rest = unknown();
      const next = (): void => {
        const some: string[] = [];
        for (const path of rest) if (some.push(path) === AT_ONCE) break;
        if (some.length === 0 || isClosed) return;
        const beganMs = clock.now();
        void see(some, (path, sight) => keepOlder(path, sight, untilMs)).then(() => {
          if (!isClosed) cancel = clock.after(REST * (clock.now() - beganMs), next);
        });
      };
      next();
    },

    close() {
      isClosed = true;
      cancel();
    },
  };
}

/** Where it is polled, its times are known at once. */
const isUnknown = (content: FileContent | null): boolean =>
  content === null || (content.hash === null && content.size <= MOST_HASHED_BYTES);
