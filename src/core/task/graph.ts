/** The tasks as a graph: whether what they name exists, and whether their needs have an end. */
import { cyclesIn, startOrder, type Needing } from '../fleet/order.ts';
import { useProblems, type CapUser } from '../plan/caps.ts';
import type { CapSpec } from '../plan/process-plan.ts';
import type { Place, Problem } from '../problem.ts';
import type { Task, TaskNeed } from './task.ts';

export type ProcessNeed = Extract<TaskNeed, { kind: 'process' }>;

/** A task among those that are run. Tasks are known by their index, so that a thousand of them cost no look-ups. */
export interface TaskNode {
  readonly task: Task;
  /** Indices of the tasks that it needs, each once. */
  readonly needs: readonly number[];
  readonly dependents: readonly number[];
  readonly processes: readonly ProcessNeed[];
  /** The number of tasks in the longest chain that begins with it and goes to what depends on it. */
  readonly height: number;
}

/** Each task comes after all that it needs. */
export type TaskGraph = readonly TaskNode[];

/** Of tasks whose needs are all known. Problems: `task-cycle`, `uses-unknown-cap`, `uses-too-much`. */
export function taskProblems(tasks: readonly Task[], caps: readonly CapSpec[]): readonly Problem[] {
  return [...cycles(tasks), ...useProblems(tasks.map(capUser), caps)];
}

const capUser = ({ name, uses, place }: Task): CapUser => ({ who: `task '${name}'`, uses, place });

const neededTasks = ({ needs }: Task): readonly string[] =>
  needs.flatMap(({ kind, name }) => (kind === 'task' ? [name] : []));

const MOST_LISTED = 20;

/** A monorepo may have hundreds. */
export const listed = (names: readonly string[]): string =>
  names.length <= MOST_LISTED
    ? names.join(', ')
    : `${names.slice(0, MOST_LISTED).join(', ')} and ${String(names.length - MOST_LISTED)} more`;

function cycles(tasks: readonly Task[]): readonly Problem[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  return cyclesIn(tasks.map(needing)).map((cycle) => cycleProblem(cycle, byName));
}

const needing = (task: Task): Needing => ({
  name: task.name,
  needs: neededTasks(task).map((process) => ({ process })),
});

function cycleProblem(cycle: readonly string[], byName: ReadonlyMap<string, Task>): Problem {
  const [place, ...others] = cycle.slice(0, -1).flatMap((name, at): readonly Place[] => {
    const task = byName.get(name);
    const need = task?.needs.find((one) => one.kind === 'task' && one.name === cycle[at + 1]);
    return need === undefined ? [] : [need.place];
  });
  const also = others.map(({ file, line }) => `${file}:${String(line)}`);
  return {
    code: 'task-cycle',
    severity: 'error',
    message:
      cycle.length === 2
        ? `task '${cycle[0] ?? ''}' depends on itself`
        : `dependency cycle of tasks: ${cycle.join(' -> ')}${also.length === 0 ? '' : ` (also ${also.join(', ')})`}`,
    ...(place && { place }),
    remedy: 'remove one of these dependencies',
  };
}

/** The graph of tasks whose needs are all among them, without cycles. */
export function graphOf(tasks: readonly Task[]): TaskGraph {
  const order = startOrder(tasks.map(needing));
  if ('cycle' in order) throw new Error(`tasks with a cycle: ${order.cycle.join(' -> ')}`);
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const sorted = order.names.flatMap((name) => byName.get(name) ?? []);
  const indices = new Map(sorted.map(({ name }, index) => [name, index]));
  const needs = sorted.map((task) => [
    ...new Set(neededTasks(task).flatMap((name) => indices.get(name) ?? [])),
  ]);
  const dependents: number[][] = sorted.map(() => []);
  needs.forEach((all, index) => {
    for (const need of all) dependents[need]?.push(index);
  });
  const heights: number[] = [];
  for (let index = sorted.length - 1; index >= 0; index -= 1) {
    let height = 1;
    for (const dependent of dependents[index] ?? []) height = Math.max(height, 1 + (heights[dependent] ?? 0));
    heights[index] = height;
  }
  return sorted.map((task, index) => ({
    task,
    needs: needs[index] ?? [],
    dependents: dependents[index] ?? [],
    processes: processNeeds(task),
    height: heights[index] ?? 1,
  }));
}

/** These, and all that they need, directly or not. */
export function withNeeds(graph: TaskGraph, tasks: Iterable<number>): ReadonlySet<number> {
  const all = new Set(tasks);
  // What is added while it is iterated is visited too.
  for (const index of all) for (const need of graph[index]?.needs ?? []) all.add(need);
  return all;
}

/** `ready` of a process and `started` of the same one are two. */
export const holdKey = ({ name, until }: Pick<ProcessNeed, 'name' | 'until'>): string => `${name} ${until}`;

function processNeeds({ needs }: Task): readonly ProcessNeed[] {
  const found = new Map<string, ProcessNeed>();
  for (const need of needs) if (need.kind === 'process') found.set(holdKey(need), need);
  return [...found.values()];
}
