import type { InstanceSpec, StageSpec } from './app-spec.ts';
import type { KernelLimits } from '../limits/limits.ts';
import { enforcedOf, kernelLimitsOf, poolOf, socketsOf } from './process-plan.ts';
import { portVariable, type InstanceEnvironment, type RealEnv } from './environment.ts';

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
  const isSameEnvironment = environmentComparison(portsOfSome(before, after));
  const added: string[] = [];
  const changed: string[] = [];
  const same: string[] = [];
  for (const instance of after) {
    const was = old.get(instance.name);
    if (was === undefined) added.push(instance.name);
    else if (runsAlike(was, instance) && isSameEnvironment(was.env, instance.env)) same.push(instance.name);
    else changed.push(instance.name);
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

/**
 * Only what a program has been given at its start counts: command, directory, stdin, terminal, variables, what the kernel
 * allows it, and how it is sent tasks. All else (restart
 * policy, needs, checks, stop, hooks, schedule ...) is not compared: the fleet takes it over while the process runs on.
 */
function runsAlike(a: InstanceSpec, b: InstanceSpec): boolean {
  const isSameCommand =
    a.script === b.script &&
    a.command === b.command &&
    a.plan.stdin === b.plan.stdin &&
    a.plan.workingDir === b.plan.workingDir &&
    limitedAlike(kernelLimitsOf(a.plan), kernelLimitsOf(b.plan)) &&
    enforcedOf(a.plan).length > 0 === enforcedOf(b.plan).length > 0 &&
    poolOf(a.plan)?.framing === poolOf(b.plan)?.framing &&
    JSON.stringify(socketsOf(a.plan)) === JSON.stringify(socketsOf(b.plan)) &&
    (a.plan.tty ?? false) === (b.plan.tty ?? false);
  return isSameCommand && a.port === b.port && standAlike(a.stage, b.stage);
}

function limitedAlike(a: KernelLimits = {}, b: KernelLimits = {}): boolean {
  return a.nofile === b.nofile && a.core === b.core && a.nproc === b.nproc && a.priority === b.priority;
}

/** Between the same neighbours. */
function standAlike(a: StageSpec | undefined, b: StageSpec | undefined): boolean {
  return a?.upstream === b?.upstream && a?.downstream === b?.downstream && a?.joinsStderr === b?.joinsStderr;
}

type Variables = InstanceEnvironment['common'];

/** Common variables are large and few objects: each pair of them is compared once, not once for every instance. */
function environmentComparison(
  ignored: ReadonlySet<string>,
): (a: InstanceEnvironment, b: InstanceEnvironment) => boolean {
  const known = new Map<Variables, Map<Variables, readonly string[]>>();
  const differing = (a: Variables, b: Variables): readonly string[] => {
    if (a === b) return [];
    const ofA = known.get(a) ?? new Map<Variables, readonly string[]>();
    const names = ofA.get(b) ?? namesOf(a, b).filter((name) => !ignored.has(name) && a[name] !== b[name]);
    known.set(a, ofA.set(b, names));
    return names;
  };
  // The first common variable that differs and is not overridden decides, so only a few of them are looked at.
  return (a, b) =>
    namesOf(a.own, b.own).every((name) => ignored.has(name) || valueOf(a, name) === valueOf(b, name)) &&
    differing(a.common, b.common).every((name) => valueOf(a, name) === valueOf(b, name));
}

const namesOf = (a: RealEnv, b: RealEnv): readonly string[] => [
  ...new Set([...Object.keys(a), ...Object.keys(b)]),
];

const valueOf = ({ common, own }: InstanceEnvironment, name: string): string | undefined =>
  Object.hasOwn(own, name) ? own[name] : common[name];
