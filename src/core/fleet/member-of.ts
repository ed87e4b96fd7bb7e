import { readyPlanOf } from '../check/usual.ts';
import type { InstanceSpec } from '../plan/app-spec.ts';
import { drainMsOf, restartPolicyOf, stdinOf, stopLadderOf, type ProcessDefaults } from '../plan/defaults.ts';
import {
  awaitsClients,
  poolOf,
  scheduleOf,
  watchOf,
  type ProcessPlan,
  type ServicePlan,
} from '../plan/process-plan.ts';
import type { MemberSpec } from './state.ts';

/** What nobody has said goes without saying. */
function readinessOf(plan: ProcessPlan): Pick<MemberSpec, 'readiness' | 'isReadinessUsual'> {
  if (plan.kind === 'stage' || plan.pool !== undefined) return { readiness: 'started' };
  if (readyPlanOf(plan) === null) return { readiness: 'ended' };
  return { readiness: 'probed', ...(plan.ready === undefined && { isReadinessUsual: true }) };
}

/** The member of the fleet that runs an instance: under the rules of its plan, and where that is silent the defaults. */
export function memberOf(instance: InstanceSpec, defaults: ProcessDefaults): MemberSpec {
  const { name, process, plan, stage } = instance;
  return {
    name,
    process,
    needs: plan.needs,
    ...readinessOf(plan),
    restart: restartPolicyOf(plan, defaults),
    ladder: stopLadderOf(plan, defaults),
    ...(plan.stop?.target !== undefined && { stopTarget: plan.stop.target }),
    ...hooksOf(plan),
    ...(stdinOf(instance, defaults) === 'null' && poolOf(plan) === undefined && { stdinIsEmpty: true }),
    ...(plan.kind !== 'stage' && plan.rolling === true && { rolling: true }),
    ...(plan.kind === 'task' && { isTask: true }),
    ...endOf(plan),
    ...(plan.kind !== 'stage' && usesOf(plan)),
    ...(stage && { stage }),
    ...(plan.kind === 'stage' && { drainMs: drainMsOf(plan) }),
  };
}

/** Nothing at all is as if it had not been said. */
const usesOf = ({ uses = [] }: ServicePlan): Pick<MemberSpec, 'uses'> => (uses.length > 0 ? { uses } : {});

/** What is started again and again does not end the run, unless it is said that it does. */
function endOf(plan: ProcessPlan): Pick<MemberSpec, 'onExit' | 'isScheduled' | 'awaitsChanges'> {
  if (scheduleOf(plan) !== undefined || awaitsClients(plan))
    return { onExit: 'keep', ...onExitOf(plan), isScheduled: true };
  if (watchOf(plan)?.action.kind === 'restart')
    return { onExit: 'keep', ...onExitOf(plan), awaitsChanges: true };
  return onExitOf(plan);
}

const onExitOf = (plan: ProcessPlan): Pick<MemberSpec, 'onExit'> =>
  plan.kind !== 'stage' && plan.onExit !== undefined ? { onExit: plan.onExit } : {};

/**
 * A stage has no hooks, but may have a stop command. A worker of a pool is given no more tasks and the end of its stdin before
 * the first signal.
 */
function hooksOf(plan: ProcessPlan): Pick<MemberSpec, 'hooks'> {
  if (poolOf(plan) !== undefined) return { hooks: { start: false, stop: true, end: false } };
  const { preStart, postStart, preStop, postStop } = (plan.kind === 'stage' ? undefined : plan.hooks) ?? {};
  const start = preStart !== undefined;
  const stop = preStop !== undefined || plan.stop?.command !== undefined;
  const end = stop || postStart !== undefined || postStop !== undefined;
  return start || end ? { hooks: { start, stop, end } } : {};
}
