/** The median of the latest run times: of so many that one more does not matter, so few that they can be kept sorted. */
export interface Median {
  /** Undefined before the third. */
  readonly value: number | undefined;
  add(ms: number): void;
}

const LEAST = 3;
const KEPT = 999;

export function newMedian(): Median {
  const sorted: number[] = [];
  const latest: number[] = [];
  let oldest = 0;

  /** Where it is, or belongs. */
  const placeOf = (ms: number): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get value() {
      return sorted.length < LEAST ? undefined : sorted[(sorted.length - 1) >> 1];
    },
    add(ms) {
      const dropped = latest[oldest];
      if (dropped !== undefined) sorted.splice(placeOf(dropped), 1);
      latest[oldest] = ms;
      oldest = (oldest + 1) % KEPT;
      sorted.splice(placeOf(ms), 0, ms);
    },
  };
}
