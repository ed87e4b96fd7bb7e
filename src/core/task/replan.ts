/** Which tasks a new reading of the project's files concerns: those that are new, or that would be run otherwise. */
import { matchesGlob } from '../../text/glob.ts';
import type { TaskGraph } from './graph.ts';
import { countedVariables } from './key.ts';
import { taskEnvironment } from './task-script.ts';
import type { Task } from './task.ts';

export interface TaskPlan {
  readonly graph: TaskGraph;
  readonly argsOf: (task: number) => readonly string[];
  /** What every command gets, without what its task adds. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Indices in `now`, with all that depend on them. What only says how a task is run, such as its timeout, concerns those that have
 * not succeeded. `good`: names of those that have.
 */
export function changedTasks(
  before: TaskPlan,
  now: TaskPlan,
  good: ReadonlySet<string>,
): ReadonlySet<number> {
  const earlier = new Map(before.graph.map(({ task }, index) => [task.name, index]));
  const changed = new Set<number>();
  for (const [index, { task }] of now.graph.entries()) {
    const other = earlier.get(task.name);
    const textOf = good.has(task.name) ? resultText : wholeText;
    if (other === undefined || textOf(before, other) !== textOf(now, index)) changed.add(index);
  }
  // What is added while it is iterated is visited too.
  for (const index of changed)
    for (const dependent of now.graph[index]?.dependents ?? []) changed.add(dependent);
  return changed;
}

/** What its result depends on, except the contents of files: these are watched themselves. */
function resultText({ graph, argsOf, environment }: TaskPlan, index: number): string {
  const task = graph[index]?.task;
  if (task === undefined) return '';
  const { command, workingDir, needs, inputs, outputs, env, tools, interactive } = task;
  return JSON.stringify([
    ...[command, workingDir, inputs, outputs, env, tools, interactive, argsOf(index)],
    needs.map((need) => [need.kind, need.name, need.kind === 'process' ? need.until : '']),
    variablesOf(task, environment),
  ]);
}

function wholeText(plan: TaskPlan, index: number): string {
  const { cache, timeoutMs, retries, uses, lock } = plan.graph[index]?.task ?? {};
  return JSON.stringify([resultText(plan, index), cache, timeoutMs, retries, uses, lock]);
}

/** A task that declares no inputs may depend on any of them. */
function variablesOf(task: Task, common: Readonly<Record<string, string>>): readonly unknown[] {
  if (task.command === undefined) return [];
  const all = taskEnvironment(task, common);
  const names =
    task.inputs === undefined ? Object.keys(all).sort() : countedVariables(task, all, matchesGlob);
  return [names.map((name) => [name, all[name]]), Object.keys(task.environment).sort()];
}
