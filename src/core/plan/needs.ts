/** What processes need of each other, before anything is started: unknown names, cycles, and what a start pulls in. */
import { suggest } from '../../text/suggest.ts';
import { cyclesIn } from '../fleet/order.ts';
import type { Place, Problem } from '../problem.ts';
import { isService, type Need, type ProcessPlan, type ServicePlan } from './process-plan.ts';
import { shortPlace } from './process-settings.ts';

/** A task is ready when it has succeeded. */
export function withTasksAwaited(plans: readonly ProcessPlan[]): readonly ProcessPlan[] {
  const tasks = new Set(plans.flatMap(({ kind, name }) => (kind === 'task' ? [name] : [])));
  if (tasks.size === 0) return plans;
  const until = (need: Need): Need['until'] =>
    need.until === 'ready' && tasks.has(need.process) ? 'succeeded' : need.until;
  return plans.map((plan) =>
    plan.needs.length === 0
      ? plan
      : { ...plan, needs: plan.needs.map((need) => ({ ...need, until: until(need) })) },
  );
}

/** Problems: `needs-unknown-process`, `needs-task`, `needs-cycle`. `names`: of all processes and pipelines; `tasks`: of all tasks. */
export function needProblems(
  plans: readonly ProcessPlan[],
  names: readonly string[],
  tasks: readonly string[] = [],
): readonly Problem[] {
  const services = plans.filter(isService).filter(({ needs }) => needs.length > 0);
  return [...unknownNeeds(services, names, tasks), ...cycles(services)];
}

const placeOfNeed = ({ saidAt, place }: ServicePlan, process: string): Place =>
  saidAt?.[`depends_on.${process}`] ?? saidAt?.['depends_on'] ?? place;

function unknownNeeds(
  services: readonly ServicePlan[],
  names: readonly string[],
  tasks: readonly string[],
): readonly Problem[] {
  const known = new Set(names);
  return services.flatMap((plan) =>
    plan.needs
      .filter(({ process }) => !known.has(process))
      .map(({ process }): Problem => {
        const place = placeOfNeed(plan, process);
        if (tasks.includes(process))
          return {
            code: 'needs-task',
            severity: 'error',
            message: `'${plan.name}' depends on the task '${process}'`,
            place,
            remedy: `run it first with 'pre_start: procsup task ${process}'`,
          };
        const meant = suggest(process, names);
        return {
          code: 'needs-unknown-process',
          severity: 'error',
          message: `'${plan.name}' depends on the unknown process '${process}'`,
          place,
          remedy: meant === undefined ? `known processes: ${names.join(', ')}` : `did you mean '${meant}'?`,
        };
      }),
  );
}

function cycles(services: readonly ServicePlan[]): readonly Problem[] {
  const byName = new Map(services.map((plan) => [plan.name, plan]));
  return cyclesIn(services).map((cycle) => cycleProblem(cycle, byName));
}

function cycleProblem(cycle: readonly string[], byName: ReadonlyMap<string, ServicePlan>): Problem {
  const places = cycle.slice(0, -1).flatMap((name, at) => {
    const plan = byName.get(name);
    return plan === undefined ? [] : [placeOfNeed(plan, cycle[at + 1] ?? '')];
  });
  const [place, ...others] = places;
  const also = others.length === 0 ? '' : ` (also ${others.map(shortPlace).join(', ')})`;
  return {
    code: 'needs-cycle',
    severity: 'error',
    message:
      cycle.length === 2
        ? `'${cycle[0] ?? ''}' depends on itself`
        : `dependency cycle: ${cycle.join(' -> ')}${also}`,
    ...(place && { place }),
    remedy: 'remove one of these dependencies',
  };
}

/** Those, and all that they need but what is left out. An optional need is pulled in only where it is started anyway. */
export function withNeeded(
  chosen: ReadonlySet<string>,
  plans: readonly ProcessPlan[],
  { isLeft, isStartedAnyway }: Record<'isLeft' | 'isStartedAnyway', (name: string) => boolean>,
): ReadonlySet<string> {
  const byName = new Map(plans.filter(isService).map((plan) => [plan.name, plan]));
  const all = new Set(chosen);
  for (const name of all) {
    for (const { process, required } of byName.get(name)?.needs ?? []) {
      if (!isLeft(process) && (required !== false || isStartedAnyway(process))) all.add(process);
    }
  }
  return all;
}
