import { existsSync } from 'node:fs';
import type { ProcessTime } from '../../core/usage.ts';
import type { Sampler, TreeReading } from '../../ports/measuring.ts';
import { createCpuCounters } from './cpu-counter.ts';
import { kernelUnits } from './kernel-units.ts';
import { detailsOf, type MeasuredProcess } from './details.ts';
import { hasEnded } from './stat.ts';
import { createProcTrees, type Tree } from './tree.ts';
import { createPortFinder } from './port-finder.ts';
import { createStatReader, type KnownProcess } from './stat-reader.ts';
import { directoryOf } from './threads.ts';

export interface ProcSamplerOptions {
  /** Descriptors kept open at the same time; processes beyond that are opened for each sample. Default 2,000. */
  readonly keepAtMost?: number;
  /** Asked before each sample: where it says no, all kept descriptors are given back and none is kept any more. */
  readonly mayKeep?: () => boolean;
}

/** Else `createPidusageSampler` is the one to take. */
export const hasProc = (): boolean => existsSync('/proc/self/stat');

/**
 * The sampler of Linux: reads /proc in one go without giving way, 1 ms for 100 processes. Knows the time of children
 * that have ended, in steps of 10 ms.
 */
export function createProcSampler({
  keepAtMost = 2000,
  mayKeep = () => true,
}: ProcSamplerOptions = {}): Sampler {
  const { pageBytes, ticksPerSecond } = kernelUnits();
  const msPerTick = 1000 / ticksPerSecond;
  const reader = createStatReader(keepAtMost);
  const trees = createProcTrees(reader);
  const counters = createCpuCounters();
  const portFinder = createPortFinder();

  const timeOf = ({ pid, stat }: KnownProcess): ProcessTime => ({
    pid,
    born: stat.startTicks,
    ownMs: stat.ownTicks * msPerTick,
    reapedMs: stat.reapedTicks * msPerTick,
  });

  const readingOf = (root: number, tree: Tree): TreeReading => {
    let memoryBytes = 0;
    let processes = 0;
    for (const { stat } of tree) {
      if (hasEnded(stat)) continue;
      memoryBytes += stat.residentPages * pageBytes;
      processes += 1;
    }
    const born = tree[0]?.stat.startTicks ?? 0;
    return { cpuMs: counters.count(root, born, tree.map(timeOf)), memoryBytes, processes };
  };

  return {
    sample(roots) {
      if (!mayKeep()) reader.keepNone();
      const found = trees.update(roots, 'forget');
      counters.keepOnly(found);
      return Promise.resolve(new Map([...found].map(([root, tree]) => [root, readingOf(root, tree)])));
    },
    async details(roots) {
      const found = [...trees.update(roots, 'keep')].map(([root, tree]) => [root, livingOf(tree)] as const);
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

/** A zombie has neither memory nor descriptors. */
const livingOf = (tree: Tree): readonly MeasuredProcess[] =>
  tree
    .filter(({ stat }) => !hasEnded(stat))
    .map(({ pid, stat }) => ({ pid, directory: directoryOf(pid, stat) }));
