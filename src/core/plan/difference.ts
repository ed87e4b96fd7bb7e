import type { InstanceSpec, StageSpec } from './app-spec.ts';
import { portVariable } from './environment.ts';

/** Names of instances: the new ones, those that are gone, and of the others those that would run differently or not. */
export interface PlanDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly same: readonly string[];
}

/** Compares two plans. `removed` is in the order of `before`, the rest in that of `after`. */
export function planDifference(
  before: readonly InstanceSpec[],
  after: readonly InstanceSpec[],
): PlanDifference {
  const old = new Map(before.map((instance) => [instance.name, instance]));
  const current = new Set(after.map(({ name }) => name));
  const ignored = portsOfSome(before, after);
  const added: string[] = [];
  const changed: string[] = [];
  const same: string[] = [];
  for (const instance of after) {
    const was = old.get(instance.name);
    const list = was === undefined ? added : runsAlike(was, instance, ignored) ? same : changed;
    list.push(instance.name);
  }
  const removed = before.map(({ name }) => name).filter((name) => !current.has(name));
  return { added, removed, changed, same };
}

/**
 * The variables that tell the ports of processes in only one of the plans. A line more in the Procfile gives one more
 * to every instance, which is no reason to restart all of them.
 */
function portsOfSome(before: readonly InstanceSpec[], after: readonly InstanceSpec[]): ReadonlySet<string> {
  const [were, are] = [before, after].map(
    (plan) => new Set(plan.map(({ process }) => portVariable(process))),
  );
  return new Set([...(were ?? []), ...(are ?? [])].filter((name) => !were?.has(name) || !are?.has(name)));
}

function runsAlike(a: InstanceSpec, b: InstanceSpec, ignored: ReadonlySet<string>): boolean {
  if (a.script !== b.script || a.command !== b.command || a.port !== b.port) return false;
  if (!standAlike(a.stage, b.stage)) return false;
  const names = new Set([...Object.keys(a.env), ...Object.keys(b.env)]);
  return [...names].every((name) => ignored.has(name) || a.env[name] === b.env[name]);
}

/** Between the same neighbours. Policy and patience are the machine's, which has them without a restart. */
function standAlike(a: StageSpec | undefined, b: StageSpec | undefined): boolean {
  return a?.upstream === b?.upstream && a?.downstream === b?.downstream && a?.joinsStderr === b?.joinsStderr;
}
