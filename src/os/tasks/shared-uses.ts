/**
 * The caps and locks of tasks, shared by all runs of a project on this machine, without a process in the middle. Who wants some has
 * a file in one directory, which names its process, its run tag and all that it uses:
 *   (a) `wait.ID` says that it waits; it looks until those that hold something, or wait longer, leave room for it;
 *   (b) it renames that to `hold.ID`;
 *   (c) it looks again at what is held: is that too much now, it renames it back, waits for a random time and starts again;
 *   (d) else it has all of it, until it removes the file.
 *
 * Why never too much is held: of those that hold something at the same time, the one that came last through (b) looked in (c) when the
 * files of all others had the name `hold`, and saw them. The order of those that wait is fairness, and nothing depends on it. A file
 * counts as long as its process lives, or anything that carries its run tag: after a SIGKILL the guardian stops that first.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Use } from '../../core/task/resources.ts';
import { exceeds, lackOf, type Share } from '../../core/task/sharing.ts';
import { searchRun } from '../proc/search.ts';
import { isLivingClaim, ownNamed, type Named } from './claims.ts';
import { namesIn, removeQuietly, textOf, touch } from './files.ts';
import { pause } from './pause.ts';

export interface SharedUsesOptions {
  /** Private to the user. It is made when it is needed. */
  readonly directory: string;
  /** Of all that our commands start. */
  readonly runTag: string;
  readonly limitOf: (key: string) => number;
}

export interface SharedOrder {
  readonly task: string;
  readonly uses: readonly Use[];
  readonly signal: AbortSignal;
  readonly onWait: (key: string, by: { readonly pid: number; readonly task: string } | undefined) => void;
}

export interface HeldShare {
  /** Idempotent; never throws. */
  release(): void;
}

interface Written extends Named {
  readonly sinceMs: number;
  readonly runTag: string;
  readonly task: string;
  readonly uses: readonly Use[];
}

interface Found extends Share, Written {}

const FILE = /^(hold|wait)\.([0-9a-f-]{36})$/;
const BEAT_MS = 15_000;
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 100;
const LONGEST_PAUSE_MS = 20;

/** Rejects with the signal's reason, or with the system's error; then nothing is held. */
export async function takeShare(options: SharedUsesOptions, order: SharedOrder): Promise<HeldShare> {
  const { directory, runTag, limitOf } = options;
  const { task, uses, signal } = order;
  const id = randomUUID();
  const pathOf = (kind: string): string => join(directory, `${kind}.${id}`);
  const [temporary, waiting, held] = [pathOf('new'), pathOf('wait'), pathOf('hold')];
  const own = { id, sinceMs: Date.now(), uses, holds: false };
  const release = (): void => {
    clearInterval(beat);
    for (const path of [temporary, waiting, held]) removeQuietly(path);
  };
  const beat = setInterval(() => {
    for (const path of [waiting, held]) touch(path);
  }, BEAT_MS).unref();
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const written: Written = { ...ownNamed(), runTag, task, uses, sinceMs: own.sinceMs };
    writeFileSync(temporary, JSON.stringify(written), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, waiting);
    let isTold = false;
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, LAST_LOOK_MS)) {
      signal.throwIfAborted();
      const lack = lackOf(own, foundIn(directory, id), limitOf);
      if (lack !== undefined) {
        if (!isTold) order.onWait(lack.key, lack.by && { pid: lack.by.identity.pid, task: lack.by.task });
        isTold = true;
        await pause(lookMs, signal);
        continue;
      }
      renameSync(waiting, held);
      if (!exceeds(own, foundIn(directory, id), limitOf)) return { release };
      renameSync(held, waiting);
      await pause(1 + Math.random() * LONGEST_PAUSE_MS, signal);
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** Those of the living, but our own. Files of the dead are removed: nobody has their names again. */
function foundIn(directory: string, own: string): readonly Found[] {
  return namesIn(directory).flatMap((name): readonly Found[] => {
    const [, kind, id] = FILE.exec(name) ?? [];
    if (kind === undefined || id === undefined || id === own) return [];
    const path = join(directory, name);
    const written = read(path);
    if (written === undefined) return [];
    if (isLivingClaim(path, written) || livesOn(written)) return [{ ...written, id, holds: kind === 'hold' }];
    removeQuietly(path);
    return [];
  });
}

/** What cannot be looked through is not taken for gone. */
function livesOn({ runTag }: Written): boolean {
  const { pids, missed } = searchRun(runTag);
  return pids.length > 0 || missed !== null;
}

/** Renamed or removed meanwhile, or of nobody: none is ever written in part. */
function read(path: string): Written | undefined {
  try {
    return JSON.parse(textOf(path) ?? '') as Written;
  } catch {
    return undefined;
  }
}
