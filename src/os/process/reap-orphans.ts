/**
 * Reaps processes that became our children when their parents ended: as process 1 of a container, or as a child subreaper.
 * Node reaps only what it has spawned, so the others would stay zombies.
 *
 * libuv must never lose a child of its own. It asks for these as soon as a SIGCHLD has come, so a zombie that is there in
 * two looks with time between them, and a turn of the event loop, is nobody's.
 */
import type { Clock } from '../../ports/clock.ts';
import type { ReapNow } from '../pipes/koffi.ts';
import { namesOrNone, readText } from '../proc/proc-file.ts';
import { emptyStat, hasEnded } from '../proc/stat.ts';
import { readStat } from '../proc/threads.ts';

export interface ReaperOptions {
  readonly clock: Clock;
  /** Whether Node will reap it. Not all that are need be known. */
  readonly owns: (pid: number) => boolean;
  /** Undefined where there is no way to reap. */
  readonly load: () => Promise<ReapNow | undefined>;
  /** There are zombies, and they will stay. Comes once. */
  readonly onUnable: () => unknown;
  readonly isProcessOne?: boolean;
}

/** Between two looks at a zombie. */
const AGAIN_MS = 200;
/** Where orphans are not to be expected. */
const SELDOM_MS = 30_000;

/** Until the returned function is called. */
export function reapOrphans({
  clock,
  owns,
  load,
  onUnable,
  isProcessOne = process.pid === 1,
}: ReaperOptions): () => void {
  let seen = new Set<string>();
  let cancel: (() => void) | undefined;
  let isListening = false;
  let isClosed = false;
  let reap: Promise<ReapNow | undefined> | undefined;

  const lookIn = (ms: number): void => {
    if (!isClosed) cancel ??= clock.after(ms, look);
  };
  const onChild = (): void => lookIn(AGAIN_MS);

  const listen = (): void => {
    if (isListening) return;
    isListening = true;
    cancel?.();
    cancel = undefined;
    process.on('SIGCHLD', onChild);
  };

  const look = (): void => {
    cancel = undefined;
    const zombies = zombiesOf(process.pid).filter(({ pid }) => !owns(pid));
    const old = zombies.filter(({ id }) => seen.has(id));
    seen = new Set(zombies.map(({ id }) => id));
    if (zombies.length > 0) listen();
    if (old.length > 0) void bury(old.map(({ pid }) => pid));
    if (zombies.length > 0) lookIn(AGAIN_MS);
    else if (!isListening) lookIn(SELDOM_MS);
  };

  const bury = async (pids: readonly number[]): Promise<void> => {
    const isFirst = reap === undefined;
    reap ??= load();
    const reapNow = await reap;
    if (isClosed) return;
    if (reapNow !== undefined) {
      for (const pid of pids) reapNow(pid);
      return;
    }
    if (isFirst) onUnable();
    close();
  };

  const close = (): void => {
    isClosed = true;
    cancel?.();
    process.off('SIGCHLD', onChild);
  };

  if (process.platform !== 'linux') return () => undefined;
  if (isProcessOne) listen();
  lookIn(isProcessOne ? AGAIN_MS : SELDOM_MS);
  return close;
}

interface Zombie {
  readonly pid: number;
  /** With its start, so that another one with its pid is another one. */
  readonly id: string;
}

function zombiesOf(parent: number): readonly Zombie[] {
  const stat = emptyStat();
  return childrenOf(parent).flatMap((pid) => {
    const isZombie = readStat(pid, stat).is === 'read' && stat.parent === parent && hasEnded(stat);
    return isZombie ? [{ pid, id: `${String(pid)} ${String(stat.startTicks)}` }] : [];
  });
}

/** As the kernel lists them, by threads; where it does not (CONFIG_PROC_CHILDREN), all processes. */
function childrenOf(parent: number): readonly number[] {
  const tasks = `/proc/${String(parent)}/task`;
  const lists = namesOrNone(tasks).map((thread) => readText(`${tasks}/${thread}/children`));
  const texts = lists.flatMap((list) => (list.is === 'read' ? [list.text] : []));
  if (texts.length > 0) return texts.flatMap((text) => text.split(' ').map(Number).filter(Boolean));
  return namesOrNone('/proc').map(Number).filter(Boolean);
}
