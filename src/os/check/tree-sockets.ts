/**
 * The sockets that process trees listen on, for all runs that wait to be ready.
 *
 * All questions of one turn are answered by one look: the sockets of the machine are read once, the members of all trees
 * are found by one listing of /proc, and the descriptors of a tree are read only where other sockets listen than before,
 * or it has other members. Between looks the table alone is read; when that changes, the trees of all who watch are looked
 * at. A look is followed by a rest, so that all of this takes a tenth of a core, and a third where looks are slow. Nothing runs
 * while nobody watches or asks.
 */
import type { ListeningSocket } from '../../core/check/answer.ts';
import type { Clock } from '../../ports/clock.ts';
import { socketsOf } from '../proc/listening.ts';
import { createStatReader } from '../proc/stat-reader.ts';
import { hasEnded } from '../proc/stat.ts';
import { directoryOf } from '../proc/threads.ts';
import { createProcTrees, type Tree } from '../proc/tree.ts';
import type { ListeningTable } from './listening-table.ts';

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

/** How often the table is read at first, and after EAGER_MS without anybody new. */
const TICK_MS = 10;
const LATER_TICK_MS = 100;
const EAGER_MS = 30_000;
/** For each millisecond of a look, so many of rest; but nobody is to wait for long. */
const REST = 9;
const LONGEST_REST_MS = 60;
/** Whoever has just heard of a change asks what it is. */
const FRESH_MS = 5;
/** Trees that nobody has asked for are forgotten. */
const REMEMBERED_MS = 15_000;

export function createTreeSockets(table: ListeningTable, clock: Clock): TreeSockets {
  const watchers = new Set<Watcher>();
  const questions = new Set<Question>();
  const trees = createProcTrees(createStatReader(0));
  const askedAt = new Map<number, number>();
  let known: ReadonlyMap<number, Found> = new Map();
  let inodesSeen: string | undefined;
  let mayHaveChanged = false;
  let lastNewcomerMs = 0;
  let restUntilMs = -Infinity;
  let stopTick: (() => void) | undefined;
  let stopLook: (() => void) | undefined;

  const timed = <T>(work: () => T): T => {
    const beganMs = clock.now();
    try {
      return work();
    } finally {
      const endedMs = clock.now();
      restUntilMs = endedMs + Math.min(LONGEST_REST_MS, (endedMs - beganMs) * REST);
    }
  };

  const scheduleTick = (): void => {
    if (stopTick !== undefined || watchers.size === 0) return;
    const isEager = clock.now() - lastNewcomerMs < EAGER_MS;
    const ms = Math.max(isEager ? TICK_MS : LATER_TICK_MS, restUntilMs - clock.now());
    stopTick = clock.after(ms, tick);
  };

  const tick = (): void => {
    stopTick = undefined;
    const sockets = timed(table);
    const inodes = sockets === undefined ? inodesSeen : inodesOf(sockets);
    if (inodes !== inodesSeen) {
      inodesSeen = inodes;
      mayHaveChanged = true;
      lookNow();
    }
    scheduleTick();
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
    const found = timed(() => lookAt([...askedAt.keys()]));
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
      else stopLook ??= clock.after(Math.max(0, restUntilMs - clock.now()), lookNow);
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
