/** When a process is ready whose plan does not say. */
import type { ProcessPlan } from '../plan/process-plan.ts';
import type { Check, ReadyPlan } from './check.ts';

/** Long enough for a program with a mistake to have ended. */
const LIVED_MS = 1000;
const NAMES_PORT = /\$(?:PORT(?!\w)|\{PORT(?!\w))/;

const LISTENING: ReadyPlan = { checks: [{ kind: 'listening' }] };
const LIVED: ReadyPlan = { checks: [{ kind: 'delay', ms: LIVED_MS }] };

/**
 * Null: no check makes it ready. A task is when it has ended well, a stage of a pipeline as soon as it runs.
 */
export function readyPlanOf(plan: ProcessPlan): ReadyPlan | null {
  if (plan.kind === 'stage') return null;
  if (plan.ready !== undefined) return plan.ready;
  if (plan.kind === 'task') return null;
  const { name, ports = [], listen } = plan;
  // A socket that procsup has opened tells nothing of the program.
  if (listen !== undefined) return LIVED;
  return name === 'web' || namesPort(plan) || ports.length > 0 ? LISTENING : LIVED;
}

export const namesPort = ({ command }: ProcessPlan): boolean => NAMES_PORT.test(command);

/** Whether something must be there before a run begins: what it says at once must not be missed. */
export function hearsFromTheStart(plan: ProcessPlan): boolean {
  if (plan.kind === 'stage') return false;
  const { ready, failLog } = plan;
  return failLog !== undefined || ready?.checks.some(({ kind }) => HEARING.has(kind)) === true;
}

const HEARING: ReadonlySet<Check['kind']> = new Set(['log', 'notify', 'fd']);

/** Nothing is said about the checks of its runs. */
export const isUsual = (plan: ProcessPlan): boolean =>
  plan.kind === 'stage' ||
  (plan.ready === undefined && plan.health === undefined && plan.failLog === undefined);

/** How long a run has to live to be ready, in milliseconds, where that is all that is asked of it. */
export function livingTime(plan: ProcessPlan): number | undefined {
  const [check] = readyPlanOf(plan)?.checks ?? [];
  return isUsual(plan) && check?.kind === 'delay' ? check.ms : undefined;
}
