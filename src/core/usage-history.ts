/** How many points are kept: ten minutes at one for each second. */
export const HISTORY_POINTS = 600;

/** Oldest first, HISTORY_POINTS of each; null where nothing was measured. */
export interface UsageSeries {
  /** Percent of one core, to a hundredth. */
  readonly cpu: readonly (number | null)[];
  /** Bytes. */
  readonly memory: readonly (number | null)[];
}

/** The last ten minutes of one instance, in 7,200 bytes that are allocated once. */
export interface UsageHistory {
  /**
   * Seconds have an arbitrary origin. The last figure of a second counts, and null does not replace one; figures older
   * than ten minutes are dropped.
   */
  push(second: number, cpu: number | null, memory: number | null): void;
  /** The ten minutes that end with `endSecond`; by default with the newest one that was pushed. */
  read(endSecond?: number): UsageSeries;
}

/** Not a number: not measured. */
const GAP = NaN;

export function createUsageHistory(): UsageHistory {
  const cpus = new Float32Array(HISTORY_POINTS).fill(GAP);
  const memories = new Float64Array(HISTORY_POINTS).fill(GAP);
  let newest: number | undefined;

  const slotOf = (second: number): number => ((second % HISTORY_POINTS) + HISTORY_POINTS) % HISTORY_POINTS;

  /** The slots of seconds that passed without a figure hold those of ten minutes ago. */
  const goOnTo = (second: number): void => {
    const from = Math.max((newest ?? second - 1) + 1, second - HISTORY_POINTS + 1);
    for (let passed = from; passed <= second; passed += 1) {
      cpus[slotOf(passed)] = GAP;
      memories[slotOf(passed)] = GAP;
    }
    newest = second;
  };

  return {
    push(second, cpu, memory) {
      if (newest === undefined || second > newest) goOnTo(second);
      else if (second <= newest - HISTORY_POINTS) return;
      if (cpu !== null) cpus[slotOf(second)] = cpu;
      if (memory !== null) memories[slotOf(second)] = memory;
    },
    read(endSecond = newest ?? 0) {
      const pointsOf = (values: Float32Array | Float64Array, rounded: (value: number) => number) =>
        Array.from({ length: HISTORY_POINTS }, (_, index) => {
          const second = endSecond - HISTORY_POINTS + 1 + index;
          if (newest === undefined || second > newest || second <= newest - HISTORY_POINTS) return null;
          const value = values[slotOf(second)] ?? GAP;
          return Number.isNaN(value) ? null : rounded(value);
        });
      return {
        cpu: pointsOf(cpus, (value) => Math.round(value * 100) / 100),
        memory: pointsOf(memories, (value) => value),
      };
    },
  };
}
