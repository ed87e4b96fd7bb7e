/** Which instances there are, under which names and with which PORT; their environments follow in `plan-app.ts`. */
import type { Problem } from '../problem.ts';
import type { InstanceSpec } from './app-spec.ts';
import type { Formation } from './formation.ts';
import { HIGHEST_PORT, portOf, PORTS_PER_PROCESS } from './ports.ts';
import type { PlanGroup, ServicePlan, StagePlan } from './process-plan.ts';

export type PlannedInstance = Omit<InstanceSpec, 'env'>;

type PortOf = (index: number, instance: number) => number;

/** In the order of the groups. `base` is the PORT of the first, `step` from one group to the next. Without a valid formation there are stages only. */
export function planInstances(
  groups: readonly PlanGroup[],
  formation: Formation | undefined,
  base: number,
  step?: number,
): PlannedInstance[] {
  const port = (index: number, instance: number): number => portOf(base, index, instance, step);
  return groups.flatMap((group) =>
    group.kind === 'process'
      ? instancesOf(group.plan, formation?.get(group.name) ?? 0, group.index, port)
      : instancesOfPipeline(group.stages, group, port),
  );
}

function instancesOf(plan: ServicePlan, count: number, index: number, port: PortOf): PlannedInstance[] {
  const { name: process, command, script } = plan;
  return Array.from({ length: count }, (_, before) => ({
    ...{ name: `${process}.${String(before + 1)}`, process, instance: before + 1, index, command, script },
    port: port(index, before + 1),
    plan,
  }));
}

function instancesOfPipeline(
  stages: readonly StagePlan[],
  { name: process, index }: Pick<PlanGroup, 'name' | 'index'>,
  port: PortOf,
): PlannedInstance[] {
  return stages.map((plan, before) => {
    const { name, command, script, joinsStderr } = plan;
    const upstream = stages[before - 1]?.name ?? null;
    const downstream = stages[before + 1]?.name ?? null;
    return {
      ...{ name, process, instance: before + 1, index, command, script },
      port: port(index, before + 1),
      plan,
      stage: { upstream, downstream, joinsStderr },
    };
  });
}

/** A PORT that is out of range, or that two instances get. */
export function portProblems(instances: readonly PlannedInstance[], base: number): Problem[] {
  const owners = new Map<number, PlannedInstance>();
  for (const instance of instances) {
    if (instance.port > HIGHEST_PORT) return [tooHigh(instance, base)];
    const owner = owners.get(instance.port);
    if (owner) return [sharedPort(owner, instance)];
    owners.set(instance.port, instance);
  }
  return [];
}

function tooHigh({ name, port, index }: PlannedInstance, base: number): Problem {
  const before =
    index === 0 ? '' : `: ${base}, and ${PORTS_PER_PROCESS} for each of the ${index} processes before it`;
  return {
    code: 'port-too-high',
    severity: 'error',
    message: `PORT ${port} for '${name}' is too high (the limit is ${HIGHEST_PORT})${before}`,
    remedy: 'let procsup choose ports with -p auto, use a lower base port, or start fewer instances',
  };
}

function sharedPort(owner: PlannedInstance, other: PlannedInstance): Problem {
  return {
    code: 'port-shared',
    severity: 'warning',
    message: `'${owner.name}' and '${other.name}' have the same PORT ${owner.port}`,
    remedy: 'start at most 100 instances of a process that uses its PORT',
  };
}
