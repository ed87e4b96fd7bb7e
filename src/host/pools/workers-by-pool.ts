import type { InstanceSpec } from '../../core/plan/app-spec.ts';
import { poolOf } from '../../core/plan/process-plan.ts';
import type { Supervisor } from '../../runtime/supervisor.ts';

export interface WorkersByPool {
  (pool: string): readonly InstanceSpec[];
  /** Of all pools that have workers. */
  names(): readonly string[];
}

/** It is asked for each task, and the instances change with a scale or a reload only. */
export function workersByPool(supervisor: Pick<Supervisor, 'instances'>): WorkersByPool {
  let of: Supervisor['instances'] | undefined;
  let count = 0;
  let known = new Map<string, InstanceSpec[]>();

  const current = (): ReadonlyMap<string, readonly InstanceSpec[]> => {
    const { instances } = supervisor;
    if (of === instances && count === instances.size) return known;
    [of, count, known] = [instances, instances.size, new Map<string, InstanceSpec[]>()];
    for (const instance of instances.values()) {
      if (poolOf(instance.plan) === undefined) continue;
      const others = known.get(instance.process);
      if (others === undefined) known.set(instance.process, [instance]);
      else others.push(instance);
    }
    return known;
  };
  return Object.assign((pool: string) => current().get(pool) ?? [], { names: () => [...current().keys()] });
}
