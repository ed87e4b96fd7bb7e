/** Limits that the kernel keeps: their code is loaded with the first run that wants it. A run hears of them as of its checks. */
import type { WatchedKind } from '../../core/limits/limits.ts';
import { isKernelLimited } from '../../core/plan/process-plan.ts';
import type { RunChecks } from '../../runtime/checks.ts';
import type { HostEnforcement, HostEnforcementOptions } from '../limits/enforcement.ts';

export interface LazyEnforcement {
  /** Checks that limit a run as well. */
  around(checks: RunChecks): RunChecks;
  /** Whether the kernel keeps this limit of it, so that nobody has to look. */
  readonly keeps: (name: string, kind: WatchedKind) => boolean;
  close(): Promise<void> | undefined;
}

export function createLazyEnforcement(options: HostEnforcementOptions): LazyEnforcement {
  let known: HostEnforcement | undefined;
  let loading: Promise<HostEnforcement> | undefined;
  const load = async (): Promise<HostEnforcement> =>
    (known = (await import('../limits/enforcement.ts')).enforce(options));
  return {
    around: (checks) => ({
      ...checks,
      open: (instance) =>
        isKernelLimited(instance.plan)
          ? (loading ??= load()).then((loaded) => loaded.open(checks, instance))
          : checks.open(instance),
      start: (checked) => checks.start(known?.began(checked) ?? checked),
    }),
    keeps: (name, kind) => known?.keeps(name, kind) ?? false,
    close: () => known?.close(),
  };
}
