/** The order of processes by what they need: a process comes after all it needs. */

export interface Needing {
  readonly name: string;
  readonly needs: readonly { readonly process: string }[];
}

export type Order =
  | { readonly names: readonly string[] }
  /** Names along the cycle, the first one again at the end: `a, b, a`. */
  | { readonly cycle: readonly string[] };

/** Keeps the given order where needs say nothing. Needs that name no process of the list are ignored. */
export function startOrder(processes: readonly Needing[]): Order {
  const byName = new Map(processes.map((process) => [process.name, process]));
  const placed = new Set<string>();
  const path: string[] = [];

  /** Depth first; returns the cycle that it ran into. */
  const place = (process: Needing): readonly string[] | undefined => {
    if (placed.has(process.name)) return undefined;
    const seen = path.indexOf(process.name);
    if (seen >= 0) return [...path.slice(seen), process.name];
    path.push(process.name);
    for (const need of process.needs) {
      const needed = byName.get(need.process);
      const cycle = needed === undefined ? undefined : place(needed);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    placed.add(process.name);
    return undefined;
  };

  for (const process of processes) {
    const cycle = place(process);
    if (cycle !== undefined) return { cycle };
  }
  return { names: [...placed] };
}
