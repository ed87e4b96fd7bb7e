import { existsSync } from 'node:fs';
import type { ProcessTime } from '../../core/usage.ts';
import type { Sampler, TreeReading } from '../../ports/measuring.ts';
import { createCpuCounters } from './cpu-counter.ts';
import { kernelUnits } from './kernel-units.ts';
import { detailsOf } from './details.ts';
import type { ReadProcess } from './pss.ts';
import { hasEnded } from './stat.ts';
import { createProcTrees, type Tree } from './tree.ts';
import { createPortFinder } from './port-finder.ts';
import { createStatReader, type KnownProcess } from './stat-reader.ts';
import { directoryOf } from './threads.ts';
import { createTreeMemories, type TreeToRead } from './tree-memory.ts';

export interface ProcSamplerOptions {
  /** Descriptors kept open at the same time; processes beyond that are opened for each sample. Default 2,000. */
  readonly keepAtMost?: number;
  /** Asked before each sample: where it says no, all kept descriptors are given back and none is kept any more. */
  readonly mayKeep?: () => boolean;
  /**
   * Whether more has to be known of the memory of a tree than that it is at most so much, which is its resident memory: that is
   * known at once, and all else costs a reading of each process. Default: always.
   */
  readonly needsShares?: (root: number, residentBytes: number) => boolean;
}

/** Else `createPidusageSampler` is the one to take. */
export const hasProc = (): boolean => existsSync('/proc/self/stat');

/**
 * The sampler of Linux: reads /proc in one go without giving way, 1 ms for 100 processes, and then the memory that is to
 * be read anew. Knows the time of children that have ended, in steps of 10 ms.
 */
export function createProcSampler({
  keepAtMost = 2000,
  mayKeep = () => true,
  needsShares = () => true,
}: ProcSamplerOptions = {}): Sampler {
  const { pageBytes, ticksPerSecond } = kernelUnits();
  const msPerTick = 1000 / ticksPerSecond;
  const reader = createStatReader(keepAtMost);
  const trees = createProcTrees(reader);
  const counters = createCpuCounters();
  const portFinder = createPortFinder();
  const memories = createTreeMemories();

  const timeOf = ({ pid, stat }: KnownProcess): ProcessTime => ({
    pid,
    born: stat.startTicks,
    ownMs: stat.ownTicks * msPerTick,
    reapedMs: stat.reapedTicks * msPerTick,
  });

  const measuredOf = (tree: Tree): TreeToRead => {
    const members = livingOf(tree, pageBytes);
    return {
      members,
      born: bornOf(tree),
      youngest: tree.reduce((latest, { stat }) => Math.max(latest, stat.startTicks), 0),
      processes: members.length,
      residentBytes: members.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    };
  };

  return {
    async sample(roots) {
      if (!mayKeep()) reader.keepNone();
      const found = trees.update(roots, 'forget');
      counters.keepOnly(found);
      // Before anything is waited for: the next round changes the trees.
      const cpuMs = new Map(
        Array.from(found, ([root, tree]) => [root, counters.count(root, bornOf(tree), tree.map(timeOf))]),
      );
      const measured = new Map(Array.from(found, ([root, tree]) => [root, measuredOf(tree)]));
      const memory = await memories.measure(
        new Map([...measured].filter(([root, { residentBytes }]) => needsShares(root, residentBytes))),
      );
      const readings = new Map<number, TreeReading>();
      for (const [root, { processes, residentBytes }] of measured) {
        const { bytes, kind } = memory.get(root) ?? { bytes: residentBytes, kind: 'rss' };
        readings.set(root, {
          cpuMs: cpuMs.get(root) ?? 0,
          memoryBytes: bytes,
          memoryKind: kind,
          processes,
        });
      }
      return readings;
    },
    async details(roots) {
      const found = Array.from(
        trees.update(roots, 'keep'),
        ([root, tree]) => [root, livingOf(tree, pageBytes)] as const,
      );
      const details = new Map<number, Awaited<ReturnType<typeof detailsOf>>>();
      for (const [root, living] of found) details.set(root, await detailsOf(living));
      return details;
    },
    listening: (roots) => Promise.resolve(portFinder.find(trees.update(roots, 'keep'))),
    close() {
      trees.update([], 'forget');
      reader.close();
    },
  };
}

const bornOf = (tree: Tree): number => tree[0]?.stat.startTicks ?? 0;

/** A zombie has neither memory nor descriptors. */
const livingOf = (tree: Tree, pageBytes: number): readonly ReadProcess[] =>
  tree
    .filter(({ stat }) => !hasEnded(stat))
    .map(({ pid, stat }) => ({
      pid,
      directory: directoryOf(pid, stat),
      residentBytes: stat.residentPages * pageBytes,
    }));
