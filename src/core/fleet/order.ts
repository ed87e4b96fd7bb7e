/** The order of processes by what they need: a process comes after all it needs. */

export interface Needing {
  readonly name: string;
  readonly needs: readonly { readonly process: string }[];
}

export type Order =
  | { readonly names: readonly string[] }
  /** Names along the cycle, the first one again at the end: `a, b, a`. */
  | { readonly cycle: readonly string[] };

/**
 * Keeps the given order where needs say nothing. Needs that name no process of the list are ignored. Depth first, with a
 * path of its own instead of recursion: chains may be long.
 */
export function startOrder(processes: readonly Needing[]): Order {
  const byName = new Map(processes.map((process) => [process.name, process]));
  const placed = new Set<string>();
  /** Each needs the next one, and has some of its needs left to be looked at. */
  const path: { readonly name: string; readonly left: Iterator<{ readonly process: string }> }[] = [];
  const onPath = new Set<string>();
  const enter = ({ name, needs }: Needing): void => {
    path.push({ name, left: needs[Symbol.iterator]() });
    onPath.add(name);
  };

  for (const process of processes) {
    if (!placed.has(process.name)) enter(process);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const next = last.left.next();
      if (next.done === true) {
        placed.add(last.name);
        onPath.delete(last.name);
        path.pop();
        continue;
      }
      const needed = byName.get(next.value.process);
      if (needed === undefined || placed.has(needed.name)) continue;
      if (onPath.has(needed.name)) return { cycle: cycleIn(path, needed.name) };
      enter(needed);
    }
  }
  return { names: [...placed] };
}

/** More are hardly looked at, and each costs a search. */
const MOST_CYCLES = 10;

/** Each as in `Order`. One after the other: the arrow that closes a cycle is left out, and the search begins again. */
export function cyclesIn(processes: readonly Needing[]): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const left = new Map(processes.map(({ name, needs }) => [name, needs]));
  while (cycles.length < MOST_CYCLES) {
    const order = startOrder([...left].map(([name, needs]) => ({ name, needs })));
    if ('names' in order) break;
    cycles.push(order.cycle);
    const [closing = '', first] = order.cycle.slice(-2);
    left.set(
      closing,
      (left.get(closing) ?? []).filter(({ process }) => process !== first),
    );
  }
  return cycles;
}

function cycleIn(path: readonly { readonly name: string }[], again: string): readonly string[] {
  const names = path.map(({ name }) => name);
  return [...names.slice(names.indexOf(again)), again];
}
