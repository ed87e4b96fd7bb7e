/**
 * The sockets that process trees listen on, for all runs that wait to be ready.
 *
 * All questions of one turn are answered by one look: the sockets of the machine are read once, the members of all trees
 * are found by one listing of /proc, and the descriptors of a tree are read only where other sockets listen than before,
 * or it has other members. Between looks the table alone is read, and whoever watches hears of each change. A look is
 * followed by a rest, so that all of this takes a tenth of a core at most. Nothing runs while nobody watches or asks.
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
  /** Answers in a later turn; not after the returned function was called. */
  look(pid: number, tell: (sockets: SocketsOfTree) => void): () => void;
  /** Calls back when sockets have begun or ceased to listen. */
  watch(changed: () => void): () => void;
  close(): void;
}

interface Found {
  readonly inodes: string;
  readonly members: string;
  readonly sockets: SocketsOfTree;
}

interface Question {
  readonly pid: number;
  readonly tell: (sockets: SocketsOfTree) => void;
}

/** How often the table is read at first, and after EAGER_MS without anybody new. */
const TICK_MS = 10;
const LATER_TICK_MS = 100;
const EAGER_MS = 30_000;
/** For each millisecond of a look, so many of rest. */
const REST = 9;

export function createTreeSockets(table: ListeningTable, clock: Clock): TreeSockets {
  const watchers = new Set<() => void>();
  const questions = new Set<Question>();
  const trees = createProcTrees(createStatReader(0));
  let known = new Map<number, Found>();
  let inodesSeen: string | undefined;
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
      restUntilMs = endedMs + (endedMs - beganMs) * REST;
    }
  };

  const isEager = (): boolean => clock.now() - lastNewcomerMs < EAGER_MS;

  const scheduleTick = (): void => {
    if (stopTick !== undefined || watchers.size === 0) return;
    const ms = Math.max(isEager() ? TICK_MS : LATER_TICK_MS, restUntilMs - clock.now());
    stopTick = clock.after(ms, tick);
  };

  const tick = (): void => {
    stopTick = undefined;
    const sockets = timed(table);
    if (sockets !== undefined) notice(inodesOf(sockets));
    scheduleTick();
  };

  const notice = (inodes: string): void => {
    const isNew = inodesSeen !== undefined && inodes !== inodesSeen;
    inodesSeen = inodes;
    if (isNew) for (const changed of [...watchers]) changed();
  };

  const scheduleLook = (): void => {
    stopLook ??= clock.after(Math.max(0, restUntilMs - clock.now()), answerAll);
  };

  const answerAll = (): void => {
    stopLook = undefined;
    const asked = [...questions];
    const found = timed(() => lookAt([...new Set(asked.map(({ pid }) => pid))]));
    for (const question of asked) {
      if (questions.delete(question)) question.tell(found.get(question.pid)?.sockets ?? null);
    }
  };

  const lookAt = (pids: readonly number[]): ReadonlyMap<number, Found> => {
    const listening = table();
    if (listening === undefined) return new Map();
    const inodes = inodesOf(listening);
    const byInode = new Map(listening.map((socket) => [socket.inode, socket]));
    const found = new Map<number, Found>();
    for (const [root, tree] of trees.update(pids, 'keep')) {
      const living = tree.filter(({ stat }) => !hasEnded(stat));
      const members = living.map(({ pid, stat }) => `${String(pid)}.${String(stat.startTicks)}`).join(' ');
      const before = known.get(root);
      const isSame = before?.inodes === inodes && before.members === members;
      found.set(root, isSame ? before : { inodes, members, sockets: socketsIn(living, byInode) });
    }
    known = new Map([...known, ...found]);
    return found;
  };

  const forgetIfIdle = (): void => {
    if (watchers.size > 0 || questions.size > 0) return;
    stopTick?.();
    stopLook?.();
    stopTick = stopLook = undefined;
    inodesSeen = undefined;
    known = new Map();
    trees.update([], 'forget');
  };

  return {
    look(pid, tell) {
      const question = { pid, tell };
      questions.add(question);
      scheduleLook();
      return () => {
        questions.delete(question);
        forgetIfIdle();
      };
    },
    watch(changed) {
      const own = (): void => changed();
      watchers.add(own);
      lastNewcomerMs = clock.now();
      stopTick?.();
      stopTick = undefined;
      scheduleTick();
      return () => {
        watchers.delete(own);
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

const inodesOf = (sockets: readonly ListeningSocket[]): string =>
  sockets.map(({ inode }) => inode).join(' ');

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
