/** Which instances there are, under which names and with which PORT; their environments follow in `plan-app.ts`. */
import type { Problem } from '../problem.ts';
import type { InstanceSpec } from './app-spec.ts';
import type { Formation } from './formation.ts';
import { HIGHEST_PORT, portOf, PORTS_PER_PROCESS } from './ports.ts';
import { socketsOf, type PlanGroup, type ServicePlan, type StagePlan } from './process-plan.ts';

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
  const { name: process, command, script, listen } = plan;
  return Array.from({ length: count }, (_, before) => ({
    ...{ name: `${process}.${String(before + 1)}`, process, instance: before + 1, index, command, script },
    port: firstPortOf(plan, port(index, 1)) + (listen === undefined ? before : 0),
    plan,
  }));
}

/** The PORT of its first instance: that of its own `environment` or `env_file`, else the one of its place. */
export function firstPortOf({ environment, fileVariables }: ServicePlan, ofPlace: number): number {
  const own = environment['PORT'] ?? fileVariables?.['PORT'];
  return own !== undefined && isPort(own) ? Number(own) : ofPlace;
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= HIGHEST_PORT;

/** A PORT of its own that is none. */
export function ownPortProblems(plans: readonly ServicePlan[]): Problem[] {
  return plans.flatMap(({ environment, fileVariables, saidAt, place }) => {
    const own = environment['PORT'] ?? fileVariables?.['PORT'];
    if (own === undefined || isPort(own)) return [];
    const key = environment['PORT'] === undefined ? 'env_file' : 'environment';
    return [
      {
        code: 'port-invalid',
        severity: 'error',
        message: `invalid port '${own}'`,
        place: saidAt?.[key] ?? place,
        remedy: `use an integer from 1 to ${HIGHEST_PORT} for PORT`,
      },
    ];
  });
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
    const shareSocket = [owner, instance].every((one) => one && socketsOf(one.plan).length > 0);
    if (owner && !shareSocket) return [sharedPort(owner, instance)];
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
