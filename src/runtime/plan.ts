/** What is spawned for each member, and where. */
import type { InstanceSpec } from '../core/plan/app-spec.ts';

export interface Plan {
  /** In the order of the latest plan; those that it does not name follow. */
  readonly instances: ReadonlyMap<string, InstanceSpec>;
  readonly root: string;
  /** Whoever is not named keeps what it had: a spawn of it may still wait for its turn. */
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
