import type { InstanceSpec } from '../plan/app-spec.ts';
import { drainMsOf, restartPolicyOf, stopLadderOf, type ProcessDefaults } from '../plan/defaults.ts';
import type { MemberSpec } from './state.ts';

/** The member of the fleet that runs an instance: under the rules of its plan, and where that is silent the defaults. */
export function memberOf(
  { name, process, plan, stage }: InstanceSpec,
  defaults: ProcessDefaults,
): MemberSpec {
  return {
    name,
    process,
    needs: plan.needs,
    readiness: plan.readiness,
    restart: restartPolicyOf(plan, defaults),
    ladder: stopLadderOf(plan, defaults),
    ...(stage && { stage }),
    ...(plan.kind === 'stage' && { drainMs: drainMsOf(plan) }),
  };
}
