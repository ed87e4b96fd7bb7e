/**
 * The sockets that process trees listen on, for all runs that wait to be ready.
 *
 * All questions of one turn are answered by one look: the sockets of the machine are read once, the members of all trees
 * are found by one listing of /proc, and the descriptors of a tree are read only where other sockets listen than before,
 * or it has other members. Between looks the table alone is read, which is cheap; when that changes, the trees of all who
 * watch are looked at. As long as it does not, a tree that was looked at within LASTING_MS listens on what it did: only a
 * socket that was handed over by a stranger is found later.
 *
 * A look, and a reading of the table, is each followed by a rest of its own, so that all of this takes a tenth of a core,
 * and a third where looks are slow. The rest after a look does not keep the table from being read, or a new socket would
 * be found late for every question that was asked in vain. Nothing runs while nobody watches or asks.
 */
import type { ListeningSocket } from '../../core/check/answer.ts';
import type { Clock } from '../../ports/clock.ts';
import { socketsOf } from '../proc/listening.ts';
import { createStatReader } from '../proc/stat-reader.ts';
import { hasEnded } from '../proc/stat.ts';
import { directoryOf } from '../proc/threads.ts';
import { createProcTrees, type ProcTrees, type Tree } from '../proc/tree.ts';
import type { ListeningTable } from './listening-table.ts';
import { createRest } from './rest.ts';

/** Null: the system does not tell now. */
export type SocketsOfTree = readonly ListeningSocket[] | null;

export interface TreeSockets {
  /**
   * Answers in a later turn; not after the returned function was called. `anew`: by a look that has not begun yet, for what may
   * have changed in this moment.
   */
  look(pid: number, tell: (sockets: SocketsOfTree) => void, anew?: 'anew'): () => void;
  /** Calls back when the tree listens on other sockets than before. */
  watch(pid: number, changed: () => void): () => void;
  close(): void;
}

interface Found {
  readonly inodes: string;
  readonly members: string;
  readonly sockets: SocketsOfTree;
  readonly atMs: number;
}

interface Question {
  readonly pid: number;
  readonly tell: (sockets: SocketsOfTree) => void;
}

interface Watcher {
  readonly pid: number;
  readonly changed: () => void;
  /** The sockets that it was last told of, by their inodes. */
  last: string;
}

/** How often the table is read as long as the last one who came has waited for less than that; then seldom. */
const TICKS = [
  [10_000, 5],
  [30_000, 10],
] as const;
const LATER_TICK_MS = 100;
/** Whoever has just heard of a change asks what it is. */
const FRESH_MS = 5;
const LASTING_MS = 1000;
/** Trees that nobody has asked for are forgotten. */
const REMEMBERED_MS = 15_000;

export function createTreeSockets(
  table: ListeningTable,
  clock: Clock,
  trees: Pick<ProcTrees, 'update'> = createProcTrees(createStatReader(0)),
): TreeSockets {
  const watchers = new Set<Watcher>();
  const questions = new Set<Question>();
  const askedAt = new Map<number, number>();
  let known: ReadonlyMap<number, Found> = new Map();
  let inodesSeen: string | undefined;
  let mayHaveChanged = false;
  let lastNewcomerMs = 0;
  const afterTable = createRest(clock);
  const afterLook = createRest(clock);
  let stopTick: (() => void) | undefined;
  let stopLook: (() => void) | undefined;

  const scheduleTick = (): void => {
    if (stopTick !== undefined || watchers.size === 0) return;
    const [, tickMs = LATER_TICK_MS] =
      TICKS.find(([untilMs]) => clock.now() - lastNewcomerMs < untilMs) ?? [];
    stopTick = clock.after(Math.max(tickMs, afterTable.leftMs()), tick);
  };

  const tick = (): void => {
    stopTick = undefined;
    readTable();
    if (mayHaveChanged) lookAgain();
    scheduleTick();
  };

  /** The inodes in it; undefined: it does not tell now. */
  const readTable = (): string | undefined => {
    const sockets = afterTable.timed(table);
    const inodes = sockets && inodesOf(sockets);
    if (watchers.size > 0 && inodes !== undefined && inodes !== inodesSeen) {
      inodesSeen = inodes;
      mayHaveChanged = true;
    }
    return inodes;
  };

  const lookAgain = (): void => {
    stopLook?.();
    stopLook = undefined;
    const restMs = afterLook.leftMs();
    if (restMs === 0) lookNow();
    else stopLook = clock.after(restMs, lookNow);
  };

  /** A look only where the table does not tell enough. */
  const answerOrLook = (): void => {
    stopLook = undefined;
    const inodes = readTable();
    if (inodes === undefined || mayHaveChanged || !answerAll(inodes)) lookAgain();
  };

  /** Without a look; false: one is needed, and nobody was answered. */
  const answerAll = (inodes: string): boolean => {
    const asked = [...questions];
    const isKnown = ({ pid }: Question): boolean => {
      const found = known.get(pid);
      return found?.inodes === inodes && clock.now() - found.atMs < LASTING_MS;
    };
    if (!asked.every(isKnown)) return false;
    for (const question of asked) {
      askedAt.set(question.pid, clock.now());
      if (questions.delete(question)) question.tell(known.get(question.pid)?.sockets ?? null);
    }
    return true;
  };

  /** For who has asked, and where sockets have come or gone for who watches. */
  const lookNow = (): void => {
    stopLook?.();
    stopLook = undefined;
    const asked = [...questions];
    const nowMs = clock.now();
    for (const { pid } of asked) askedAt.set(pid, nowMs);
    if (mayHaveChanged) for (const { pid } of watchers) askedAt.set(pid, nowMs);
    for (const [pid, atMs] of askedAt) if (atMs < nowMs - REMEMBERED_MS) askedAt.delete(pid);
    const found = afterLook.timed(() => lookAt([...askedAt.keys()]));
    for (const question of asked) {
      if (questions.delete(question)) question.tell(found.get(question.pid)?.sockets ?? null);
    }
    if (mayHaveChanged) tellWatchers(found);
    mayHaveChanged = false;
  };

  const tellWatchers = (found: ReadonlyMap<number, Found>): void => {
    for (const watcher of [...watchers]) {
      const sockets = found.get(watcher.pid)?.sockets;
      const inodes = inodesOf(sockets ?? []);
      if (inodes === watcher.last || !watchers.has(watcher)) continue;
      watcher.last = inodes;
      watcher.changed();
    }
  };

  const lookAt = (pids: readonly number[]): ReadonlyMap<number, Found> => {
    const listening = table();
    if (listening === undefined) return new Map();
    const inodes = inodesOf(listening);
    const byInode = new Map(listening.map((socket) => [socket.inode, socket]));
    const found = new Map<number, Found>();
    const atMs = clock.now();
    for (const [root, tree] of trees.update(pids, 'forget')) {
      const living = tree.filter(({ stat }) => !hasEnded(stat));
      const members = living.map(({ pid, stat }) => `${String(pid)}.${String(stat.startTicks)}`).join(' ');
      const before = known.get(root);
      const isSame = before?.inodes === inodes && before.members === members;
      const sockets = isSame ? before.sockets : socketsIn(living, byInode);
      found.set(root, { inodes, members, sockets, atMs });
    }
    known = found;
    return found;
  };

  const answerFresh = (question: Question, { sockets }: Found): void => {
    clock.after(0, () => {
      if (questions.delete(question)) question.tell(sockets);
    });
  };

  const forgetIfIdle = (): void => {
    if (watchers.size === 0) {
      stopTick?.();
      stopTick = undefined;
      inodesSeen = undefined;
    }
    if (watchers.size > 0 || questions.size > 0) return;
    stopLook?.();
    stopLook = undefined;
    known = new Map();
    askedAt.clear();
    trees.update([], 'forget');
  };

  return {
    look(pid, tell, anew) {
      const question = { pid, tell };
      questions.add(question);
      const found = known.get(pid);
      const isFresh = found !== undefined && clock.now() - found.atMs < FRESH_MS;
      if (isFresh && anew === undefined) answerFresh(question, found);
      else stopLook ??= clock.after(afterTable.leftMs(), answerOrLook);
      return () => {
        questions.delete(question);
        forgetIfIdle();
      };
    },
    watch(pid, changed) {
      const watcher = { pid, changed, last: '' };
      watchers.add(watcher);
      lastNewcomerMs = clock.now();
      stopTick?.();
      stopTick = undefined;
      scheduleTick();
      return () => {
        watchers.delete(watcher);
        forgetIfIdle();
      };
    },
    close() {
      watchers.clear();
      questions.clear();
      forgetIfIdle();
    },
  };
}

const inodesOf = (sockets: readonly ListeningSocket[]): string => sockets.map(({ inode }) => inode).join(' ');

/** Null where none of the members may be looked at. */
function socketsIn(members: Tree, listening: ReadonlyMap<string, ListeningSocket>): SocketsOfTree {
  if (listening.size === 0) return [];
  const found = new Map<string, ListeningSocket>();
  let isKnown = false;
  for (const { pid, stat } of members) {
    const inodes = socketsOf(directoryOf(pid, stat));
    if (inodes !== null) isKnown = true;
    for (const inode of inodes ?? []) {
      const socket = listening.get(inode);
      if (socket !== undefined) found.set(inode, socket);
    }
  }
  return isKnown ? [...found.values()] : null;
}
