/** Limits that the kernel keeps, of each process and of a whole run. A chunk of its own: only a plan with some loads it. */
import { withKernelLimits } from '../../core/limits/kernel.ts';
import type { InstanceSpec } from '../../core/plan/app-spec.ts';
import { enforcedOf, kernelLimitsOf } from '../../core/plan/process-plan.ts';
import type { Refusal } from '../../core/process/exit.ts';
import { createControlGroupSystem } from '../../os/cgroup/system.ts';
import { systemClock } from '../../os/clock.ts';
import { shellFor } from '../../os/process/shell.ts';
import type { Endpoints } from '../../ports/checks.ts';
import type { CheckedRun, RunChecks } from '../../runtime/checks.ts';
import { createEnforcement, type EnforcementOptions } from '../../runtime/enforcement.ts';

export interface HostEnforcementOptions extends Pick<EnforcementOptions, 'record' | 'refused' | 'limitsOf'> {
  readonly runTag: string;
}

/** What its checks have opened, and what keeps its limits. */
interface Confined extends Endpoints {
  readonly opened: Endpoints | undefined;
}

export type HostEnforcement = ReturnType<typeof enforce>;

export function enforce(options: HostEnforcementOptions) {
  const enforcement = createEnforcement({
    ...options,
    system: createControlGroupSystem(options.runTag),
    clock: systemClock,
  });
  return {
    keeps: enforcement.keeps,
    close: enforcement.close,
    /** What a run is given: its limits, a group where it gets one, and what its checks need. */
    async open(checks: RunChecks, instance: InstanceSpec): Promise<Confined | Refusal> {
      const opened = await checks.open(instance);
      if (opened !== undefined && 'by' in opened) return opened;
      const enforced = enforcedOf(instance.plan);
      const group = enforced.length === 0 ? undefined : await enforcement.open(instance.name, enforced);
      const own = kernelLimitsOf(instance.plan) ?? {};
      return {
        ...(opened ?? NOTHING),
        opened,
        confine(script, env) {
          const { file, flags } = shellFor(env);
          return withKernelLimits(own, group?.confine(script, env) ?? script, [file, ...flags]);
        },
        close() {
          opened?.close();
          group?.close();
        },
      };
    },
    /** The run as its checks are to see it. */
    began(checked: CheckedRun): CheckedRun {
      const { endpoints, ...others } = checked;
      if (endpoints === undefined || !('opened' in endpoints)) return checked;
      const { opened } = endpoints as Confined;
      return opened === undefined ? others : { ...others, endpoints: opened };
    },
  };
}

const NOTHING = { env: {}, descriptors: [] };
