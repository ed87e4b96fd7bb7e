/**
 * The caps and locks that tasks of one run use. A task takes all or none, so that no two of them wait for each other.
 * One that cannot is parked at the first that is missing; when that is given back, the first of those that are parked there
 * is tried again. So each event costs what it changes, however many wait.
 */
import { DueHeap } from '../exchange/queue/due-heap.ts';
import type { TaskGraph } from './graph.ts';

/** `cap NAME` or `lock NAME`, and how much of it. */
export interface Use {
  readonly key: string;
  readonly amount: number;
}

export interface Resources {
  readonly free: Map<string, number>;
  readonly uses: readonly (readonly Use[])[];
  readonly parked: Map<string, DueHeap>;
}

/** `caps`: how much of each there is. Of one that is unknown there is no limit. */
export function newResources(graph: TaskGraph, caps: ReadonlyMap<string, number>): Resources {
  const free = new Map<string, number>();
  for (const [name, most] of caps) free.set(`cap ${name}`, most);
  const uses = graph.map(({ task }) => [
    ...task.uses.flatMap(({ cap, amount }) => {
      const most = caps.get(cap);
      return most === undefined ? [] : [{ key: `cap ${cap}`, amount: Math.min(amount, most) }];
    }),
    ...(task.lock === undefined ? [] : [{ key: `lock ${task.lock}`, amount: 1 }]),
  ]);
  for (const { key } of uses.flat()) if (!free.has(key)) free.set(key, 1);
  return { free, uses, parked: new Map() };
}

export const usesOf = ({ uses }: Resources, task: number): readonly Use[] => uses[task] ?? [];

const hasRoom = ({ free }: Resources, { key, amount }: Use): boolean => (free.get(key) ?? 0) >= amount;

/** Takes all that the task uses, or parks it where something is missing: then those are returned that may be tried instead. */
export function takeOrPark(
  resources: Resources,
  task: number,
  priority: number,
): { readonly taken: true } | { readonly taken: false; readonly instead: readonly number[] } {
  const uses = usesOf(resources, task);
  const missing = uses.find((use) => !hasRoom(resources, use));
  if (missing !== undefined) {
    const parked = resources.parked.get(missing.key) ?? new DueHeap();
    resources.parked.set(missing.key, parked);
    parked.push(priority, task);
    const others = uses.filter(({ key }) => key !== missing.key);
    return { taken: false, instead: others.flatMap(({ key }) => nextAt(resources, key)) };
  }
  for (const { key, amount } of uses) resources.free.set(key, (resources.free.get(key) ?? 0) - amount);
  return { taken: true };
}

/** Gives back what it uses; returns tasks that may have waited for that. */
export function giveBack(resources: Resources, task: number): readonly number[] {
  const uses = usesOf(resources, task);
  for (const { key, amount } of uses) resources.free.set(key, (resources.free.get(key) ?? 0) + amount);
  return uses.flatMap(({ key }) => nextAt(resources, key));
}

/** After a task has taken its part there may be room for one more. */
export const alsoAt = (resources: Resources, task: number): readonly number[] =>
  usesOf(resources, task).flatMap(({ key }) => nextAt(resources, key));

/** The first that is parked there, if there is room for it. Those behind it wait for it, so that it comes to its turn. */
function nextAt(resources: Resources, key: string): readonly number[] {
  const parked = resources.parked.get(key);
  const first = parked?.firstSeq;
  if (parked === undefined || first === undefined) return [];
  const use = usesOf(resources, first).find((one) => one.key === key);
  if (use === undefined || !hasRoom(resources, use)) return [];
  parked.pop();
  return [first];
}
