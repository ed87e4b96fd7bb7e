/**
 * What is known of the files of a tree: learned once, slowly, and again whenever somebody looks.
 *
 * The first pass reads small files at once, in short slices with rests between them: by other threads it would take five times
 * the CPU time, and the memory of all the buffers. Where that takes long, the disk is slow, and threads wait for it.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Content, FileContent } from '../../core/watch/content.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TreeWatcher } from '../../ports/tree-watcher.ts';
import { MOST_HASHED_BYTES, sightAtOnce, sightOf, TICK_MS, type Sight } from './contents.ts';
import { inDirectory, type Directory } from './directory.ts';
import { bytesOf } from './names.ts';

export interface Knowledge extends Pick<TreeWatcher, 'look' | 'learn' | 'isThere'> {
  /** All that are not known yet. Resolves when they are, or when it is closed. */
  learnAll(): Promise<void>;
  close(): void;
}

const AT_ONCE = 16;
/** Of the first pass. */
const SLICE_MS = 5;
/** After each slice: it takes a quarter of a core at most. */
const REST = 3;
/** One file that takes longer is on a slow disk, and so many after it are read by other threads. */
const SLOW_MS = 20;
const CAREFUL = 64;

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
  const keepOlder = (path: string, { content, changedMs, isMoving }: Sight, untilMs: number): void => {
    const { name, files, isPolled } = placeOf(path);
    // Its removal is yet to be told, with what was known of it.
    if (typeof content !== 'object' || files?.has(name) !== true) return;
    if (!isMoving && changedMs < untilMs - TICK_MS) files.set(name, content);
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

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const stop = clock.after(ms, resolve);
      cancel = () => {
        stop();
        resolve();
      };
      if (isClosed) cancel();
    });

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

    async learnAll() {
      const untilMs = clock.wallNow();
      const keepIfUnknown = (path: string, sight: Sight): void => {
        const { files, name } = placeOf(path);
        // Somebody may have looked at it meanwhile.
        if (isUnknown(files?.get(name) ?? null)) keepOlder(path, sight, untilMs);
      };
      const rest = unknown();
      let careful = 0;
      let isDone = false;
      while (!isDone && !isClosed) {
        const beganMs = clock.now();
        const others: string[] = [];
        for (let nowMs = beganMs; nowMs < beganMs + SLICE_MS && others.length < AT_ONCE;) {
          const one: IteratorResult<string, unknown> = rest.next();
          isDone = one.done === true;
          if (one.done === true) break;
          careful = Math.max(0, careful - 1);
          const sight = careful > 0 ? undefined : sightAtOnce(one.value);
          if (sight === undefined) others.push(one.value);
          else keepIfUnknown(one.value, sight);
          const sinceMs = nowMs;
          nowMs = clock.now();
          if (nowMs > sinceMs + SLOW_MS) careful = CAREFUL;
        }
        await see(others, keepIfUnknown);
        if (!isDone) await pause(REST * (clock.now() - beganMs));
      }
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
