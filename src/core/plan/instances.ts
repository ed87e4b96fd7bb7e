/** Which instances there are, under which names and with which PORT; their environments follow in `plan-app.ts`. */
import type { Problem } from '../problem.ts';
import type { InstanceSpec } from './app-spec.ts';
import type { Formation } from './formation.ts';
import { HIGHEST_PORT, portOf } from './ports.ts';
import type { PlanGroup, ServicePlan, StagePlan } from './process-plan.ts';

export type PlannedInstance = Omit<InstanceSpec, 'env'>;

/** In the order of the groups. `base` is the PORT of the first. Without a valid formation there are stages only. */
export function planInstances(
  groups: readonly PlanGroup[],
  formation: Formation | undefined,
  base: number,
): PlannedInstance[] {
  return groups.flatMap((group) =>
    group.kind === 'process'
      ? instancesOf(group.plan, formation?.get(group.name) ?? 0, group.index, base)
      : instancesOfPipeline(group.stages, group, base),
  );
}

function instancesOf(plan: ServicePlan, count: number, index: number, base: number): PlannedInstance[] {
  const { name: process, command, script } = plan;
  return Array.from({ length: count }, (_, before) => ({
    ...{ name: `${process}.${String(before + 1)}`, process, instance: before + 1, index, command, script },
    port: portOf(base, index, before + 1),
    plan,
  }));
}

function instancesOfPipeline(
  stages: readonly StagePlan[],
  { name: process, index }: Pick<PlanGroup, 'name' | 'index'>,
  base: number,
): PlannedInstance[] {
  return stages.map((plan, before) => {
    const { name, command, script, joinsStderr } = plan;
    const upstream = stages[before - 1]?.name ?? null;
    const downstream = stages[before + 1]?.name ?? null;
    return {
      ...{ name, process, instance: before + 1, index, command, script },
      port: portOf(base, index, before + 1),
      plan,
      stage: { upstream, downstream, joinsStderr },
    };
  });
}

/** A PORT that is out of range, or that two instances get. */
export function portProblems(instances: readonly PlannedInstance[]): Problem[] {
  const owners = new Map<number, PlannedInstance>();
  for (const instance of instances) {
    if (instance.port > HIGHEST_PORT) return [tooHigh(instance)];
    const owner = owners.get(instance.port);
    if (owner) return [sharedPort(owner, instance)];
    owners.set(instance.port, instance);
  }
  return [];
}

function tooHigh({ name, port }: PlannedInstance): Problem {
  return {
    code: 'port-too-high',
    severity: 'error',
    message: `PORT ${port} for '${name}' is too high (the limit is ${HIGHEST_PORT})`,
    remedy: 'use a lower base port with -p, or start fewer instances',
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
