/** Pools of procsup.yaml as plans: their workers are instances, which are always brought back. */
import type { Problem } from '../problem.ts';
import type { RestartPolicy } from '../process/restart-policy.ts';
import {
  isService,
  servicePlan,
  type PoolPlan,
  type ProcessPlan,
  type ServicePlan,
  type StopPlan,
} from './process-plan.ts';
import { shortPlace, withSettings, type DefaultSettings, type ProcessSettings } from './process-settings.ts';

export interface PoolSettings extends ProcessSettings {
  readonly command: string;
  readonly pool: PoolPlan;
}

/**
 * Whether a pool is given up is a matter of its tasks: five workers in a row without an answer. So its restart policy never
 * gives up, and a run of a second is long enough for the next delay to be the first one again.
 */
const WORKER_RESTARTS: RestartPolicy = {
  mode: 'always',
  delayMs: 100,
  maxDelayMs: 2_000,
  healthyAfterMs: 1_000,
  giveUp: { restarts: 1, withinMs: 0 },
};

/** Of the defaults for processes they have what a pool may say itself. */
export function poolPlans(pools: readonly PoolSettings[], defaults: DefaultSettings = {}): ServicePlan[] {
  const { environment, fileVariables, workingDir, profiles, autostart, stop } = defaults;
  const common: DefaultSettings = {
    ...(environment && { environment }),
    ...(fileVariables && { fileVariables }),
    ...(workingDir !== undefined && { workingDir }),
    ...(profiles && { profiles }),
    ...(autostart !== undefined && { autostart }),
    ...(stop && { stop: gentle(stop) }),
    saidAt: keysOf(defaults, [
      ...['environment', 'env_file', 'working_dir', 'profiles', 'autostart'],
      ...['stop_signal', 'stop_grace_period'],
    ]),
  };
  return pools.map((pool) => ({
    ...[common, pool].reduce(withSettings, servicePlan(pool.name, pool.command, pool.place)),
    restart: WORKER_RESTARTS,
    onExit: 'keep',
  }));
}

const gentle = ({ signal, timeoutMs }: StopPlan): StopPlan => ({
  ...(signal !== undefined && { signal }),
  ...(timeoutMs !== undefined && { timeoutMs }),
});

function keysOf(
  { saidAt = {} }: DefaultSettings,
  keys: readonly string[],
): NonNullable<ServicePlan['saidAt']> {
  return Object.fromEntries(Object.entries(saidAt).filter(([key]) => keys.includes(key)));
}

/** Problems: `app-file-name-taken`. */
export function poolNameProblems(
  pools: readonly PoolSettings[],
  plans: readonly ProcessPlan[],
): readonly Problem[] {
  const services = new Map(plans.filter(isService).map((plan) => [plan.name, plan.place]));
  const stages = plans.filter((plan) => !isService(plan));
  const pipelines = new Map(stages.map(({ pipeline, place }) => [pipeline, place]));
  return pools.flatMap(({ name, place }): readonly Problem[] => {
    const sort = services.has(name) ? 'process' : 'pipeline';
    const other = services.get(name) ?? pipelines.get(name);
    if (other === undefined) return [];
    return [
      {
        code: 'app-file-name-taken',
        severity: 'error',
        message: `duplicate name '${name}': it is also a ${sort} (${shortPlace(other)})`,
        place,
        remedy: `rename the pool or the ${sort}`,
      },
    ];
  });
}
