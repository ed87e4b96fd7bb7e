/**
 * Which processes can be restarted in a rolling way: while the new run starts, the old one goes on, so both must be able to do
 * what they do beside each other, and it must be told which of them is ready.
 */
import type { Check } from '../check/check.ts';
import { readyPlanOf } from '../check/usual.ts';
import type { Problem } from '../problem.ts';
import { isService, type ProcessPlan } from './process-plan.ts';

export interface NotRollable {
  readonly message: string;
  readonly remedy: string;
}

/** Undefined: it can be. */
export function whyNotRolled(plan: ProcessPlan): NotRollable | undefined {
  if (!isService(plan)) return notOf(`'${plan.pipeline}' is a pipeline: two runs would read the same pipe`);
  const { name } = plan;
  if (plan.pool !== undefined) return notOf(`'${name}' is a pool, whose workers are replaced one by one`);
  if (plan.kind === 'task') return notOf(`'${name}' is a task: there is nothing to keep up`);
  if (plan.tty === true) return notOf(`'${name}' has a terminal, which two runs cannot share`);
  if (plan.schedule !== undefined) return notOf(`'${name}' has a schedule, which says when it runs`);
  const checks = readyPlanOf(plan)?.checks ?? [];
  if (plan.listen === undefined) {
    return checks.some(isOfPort)
      ? {
          message: `two runs of '${name}' cannot listen on the same port`,
          remedy: "let procsup open the port for both: add 'listen' to it",
        }
      : undefined;
  }
  return checks.length > 0 && checks.every(isOfPort)
    ? {
        message: `'${name}' cannot be told ready by its port: the old run answers there as well`,
        remedy: "use 'ready: notify', 'log' or 'fd', alone or beside it",
      }
    : undefined;
}

const notOf = (message: string): NotRollable => ({ message, remedy: 'restart it without --rolling' });

const isOfPort = ({ kind }: Check): boolean => kind === 'listening' || kind === 'tcp' || kind === 'http';

/** Of those whose plans say `rolling`. */
export const rollingProblems = (plans: readonly ProcessPlan[]): readonly Problem[] =>
  plans.filter(isService).flatMap((plan): readonly Problem[] => {
    const why = plan.rolling === true ? whyNotRolled(plan) : undefined;
    if (why === undefined) return [];
    const { message, remedy } = why;
    return [
      {
        code: 'rolling-impossible',
        severity: 'error',
        message: `${message}, so 'rolling' has no effect`,
        place: plan.saidAt?.['rolling'] ?? plan.place,
        remedy: remedy.replace('restart it without --rolling', "remove 'rolling'"),
      },
    ];
  });
