import { cpuIncreaseMs, cpuTotalMs, type ProcessTime } from '../../core/usage.ts';

/** CPU time of whole trees as counters that never fall, whoever is born, dies and is reaped meanwhile. */
export interface CpuCounters {
  /** Begins with the total of the tree. `born`: of the root. */
  count(root: number, born: number, times: readonly ProcessTime[]): number;
  /** Drops all roots but these. */
  keepOnly(roots: { has(root: number): boolean }): void;
}

interface Counter {
  readonly born: number;
  readonly times: readonly ProcessTime[];
  readonly cpuMs: number;
}

export function createCpuCounters(): CpuCounters {
  const counters = new Map<number, Counter>();
  return {
    count(root, born, times) {
      const before = counters.get(root);
      const cpuMs =
        before?.born === born ? before.cpuMs + cpuIncreaseMs(before.times, times) : cpuTotalMs(times);
      counters.set(root, { born, times, cpuMs });
      return cpuMs;
    },
    keepOnly(roots) {
      for (const root of counters.keys()) if (!roots.has(root)) counters.delete(root);
    },
  };
}
