/** The command and directory of each member. */
import type { InstanceSpec } from '../core/plan/app-spec.ts';

export interface Plan {
  /** In the order of the latest plan; instances that are not in it follow. */
  readonly instances: ReadonlyMap<string, InstanceSpec>;
  readonly root: string;
  /** Keeps instances that are not named: their spawn may still be queued. */
  replace(instances: readonly InstanceSpec[], root: string): void;
  /** It is no member any more. */
  forget(name: string): void;
}

export function createPlan(first: readonly InstanceSpec[], firstRoot: string): Plan {
  const byName = (some: Iterable<InstanceSpec>) =>
    new Map(Array.from(some, (instance) => [instance.name, instance]));
  let instances = byName(first);
  let root = firstRoot;
  return {
    get instances() {
      return instances;
    },
    get root() {
      return root;
    },
    replace(next, nextRoot) {
      const named = byName(next);
      const others = [...instances.values()].filter(({ name }) => !named.has(name));
      instances = byName([...next, ...others]);
      root = nextRoot;
    },
    forget(name) {
      instances.delete(name);
    },
  };
}
