/** How the kernel would keep limits here, for `check`. A chunk of its own. */
import type { Way } from '../../core/limits/enforcing.ts';
import type { WatchedLimit } from '../../core/limits/limits.ts';
import { createControlGroupSystem } from '../../os/cgroup/system.ts';
import { findWay } from '../../runtime/enforcement.ts';

/** By process. Nothing is changed, but a scope may be made for a moment. */
export async function foreseeWays(
  limits: ReadonlyMap<string, readonly WatchedLimit[]>,
): Promise<ReadonlyMap<string, Way>> {
  const system = createControlGroupSystem('');
  const ways = new Map<string, Way>();
  for (const [name, own] of limits) ways.set(name, await findWay(system, own));
  return ways;
}
