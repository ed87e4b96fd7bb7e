/**
 * Who belongs to which root, on Linux.
 *
 * One listing of /proc per sample finds whoever is new, and only those are opened: a process is of a root's tree when
 * its parent is, or when it is in the root's session (its parent has died; no stranger can enter a session, and its
 * number is not given to a process while it has members). Nobody who was a stranger becomes a member later, so
 * strangers are remembered by pid for as long as the listing shows them. This costs 0.14 ms beside 100 processes, where
 * `task/TID/children` takes 1.6 ms, and 3.4 ms for 40 Node programs with their many threads; that also needs
 * CONFIG_PROC_CHILDREN, and cannot find an orphan.
 *
 * Members are read parents first, and once more when one was lost meanwhile: else a child that is reaped between the
 * two reads is counted nowhere, and with its whole life in the next sample.
 */
import { systemClock } from '../clock.ts';
import { lacksPermission, readNames } from './proc-file.ts';
import { emptyStat, hasEnded, type ProcStat } from './stat.ts';
import type { KnownProcess, StatReader } from './stat-reader.ts';

/** The root first, parents before their children. Members that left the session stay: the supervisor ends them too. */
export type Tree = readonly KnownProcess[];

export interface ProcTrees {
  /** Reads the trees of these roots; a root that has ended has none. `others`: what becomes of roots not named. */
  update(roots: readonly number[], others: 'keep' | 'forget'): ReadonlyMap<number, Tree>;
}

/** Longer ago, pids of strangers that ended may have been given to others. */
const STRANGERS_LAST_MS = 5000;
/** Where children end faster than they are read, a tree is as good as it gets. */
const MOST_PASSES = 4;

export function createProcTrees(reader: StatReader): ProcTrees {
  const trees = new Map<number, KnownProcess[]>();
  const treeOfMember = new Map<number, number>();
  let strangers = new Set<number>();
  let listedAtMs = -Infinity;

  const join = (root: number, tree: KnownProcess[], pid: number, stat: ProcStat): void => {
    const known = reader.know(pid, stat);
    // Kept from the first moment on.
    if (reader.read(known).is === 'gone') return;
    tree.push(known);
    treeOfMember.set(pid, root);
  };

  const leave = (known: KnownProcess): void => {
    reader.forget(known);
    treeOfMember.delete(known.pid);
  };

  const fell = (root: number): void => {
    for (const known of trees.get(root) ?? []) leave(known);
    trees.delete(root);
  };

  const plant = (root: number): void => {
    const stat = emptyStat();
    if (reader.look(root, stat).is !== 'read' || hasEnded(stat)) return;
    const tree: KnownProcess[] = [];
    join(root, tree, root, stat);
    if (tree.length === 0) return;
    trees.set(root, tree);
    strangers.clear();
  };

  /** Reads all members; false when one was lost. */
  const readAll = (tree: KnownProcess[]): boolean => {
    let living = 0;
    for (const known of tree) {
      if (reader.read(known).is === 'gone') leave(known);
      else tree[living++] = known;
    }
    const isWhole = living === tree.length;
    tree.length = living;
    return isWhole;
  };

  const refresh = (root: number, tree: KnownProcess[]): void => {
    for (let pass = 1; !readAll(tree) && pass < MOST_PASSES;) pass += 1;
    const first = tree[0];
    if (first?.pid !== root || hasEnded(first.stat)) fell(root);
  };

  /** Whoever is neither a member nor a known stranger; undefined when /proc cannot be listed now. */
  const newcomers = (): Map<number, ProcStat> | undefined => {
    const listed = readNames('/proc');
    if (listed.is !== 'read') return undefined;
    if (systemClock.now() - listedAtMs > STRANGERS_LAST_MS) strangers.clear();
    listedAtMs = systemClock.now();
    const found = new Map<number, ProcStat>();
    const stillThere = new Set<number>();
    for (const name of listed.names) {
      const pid = Number(name);
      if (Number.isNaN(pid) || treeOfMember.has(pid)) continue;
      if (strangers.has(pid)) {
        stillThere.add(pid);
        continue;
      }
      const stat = emptyStat();
      const result = reader.look(pid, stat);
      if (result.is === 'read') found.set(pid, stat);
      else if (result.is === 'unknown' && lacksPermission(result)) stillThere.add(pid);
    }
    strangers = stillThere;
    return found;
  };

  /** Puts newcomers where they belong, their parents before them. */
  const settle = (found: Map<number, ProcStat>): void => {
    const rootOf = (pid: number): number | undefined => {
      const stat = found.get(pid);
      if (stat === undefined) return treeOfMember.get(pid);
      found.delete(pid);
      const root = rootOf(stat.parent) ?? (trees.has(stat.session) ? stat.session : undefined);
      const tree = root === undefined ? undefined : trees.get(root);
      if (root === undefined || tree === undefined) strangers.add(pid);
      else join(root, tree, pid, stat);
      return treeOfMember.get(pid);
    };
    for (const pid of found.keys()) rootOf(pid);
  };

  return {
    update(roots, others) {
      const named = new Set(roots);
      for (const [root, tree] of trees) {
        if (named.has(root)) refresh(root, tree);
        else if (others === 'forget') fell(root);
      }
      const isNew = roots.filter((root) => !trees.has(root));
      for (const root of isNew) plant(root);
      const found = newcomers();
      // A tree of which we know the root alone would seem to use all its children's time at once, later.
      if (found === undefined) for (const root of isNew) fell(root);
      else settle(found);
      const grown = new Map<number, Tree>();
      for (const root of roots) {
        const tree = trees.get(root);
        if (tree !== undefined) grown.set(root, tree);
      }
      return grown;
    },
  };
}
