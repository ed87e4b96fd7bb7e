/** Limits that the kernel keeps. A chunk of its own: only a plan with `enforce` loads it. */
import type { InstanceSpec } from '../../core/plan/app-spec.ts';
import { enforcedOf } from '../../core/plan/process-plan.ts';
import type { Refusal } from '../../core/process/exit.ts';
import { createControlGroupSystem } from '../../os/cgroup/system.ts';
import { systemClock } from '../../os/clock.ts';
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
    /** What a run is given: a group, where it gets one, and what its checks need. */
    async open(checks: RunChecks, instance: InstanceSpec): Promise<Confined | Endpoints | Refusal> {
      const opened = await checks.open(instance);
      if (opened !== undefined && 'by' in opened) return opened;
      const confinement = await enforcement.open(instance.name, enforcedOf(instance.plan));
      if (confinement === undefined) return opened ?? NOTHING;
      return {
        ...(opened ?? NOTHING),
        opened,
        confine: confinement.confine,
        close() {
          opened?.close();
          confinement.close();
        },
      };
    },
    /** The run as its checks are to see it. */
    began(checked: CheckedRun): CheckedRun {
      const { endpoints, ...others } = checked;
      if (endpoints === NOTHING) return others;
      if (endpoints === undefined || !('opened' in endpoints)) return checked;
      const { opened } = endpoints as Confined;
      return opened === undefined ? others : { ...others, endpoints: opened };
    },
  };
}

const NOTHING: Endpoints = { env: {}, descriptors: [], close: () => undefined };
