/** What is known of a few programs by their names: remarks of `check` about a readiness that they do not keep. */
import { isService, type ProcessPlan, type ServicePlan } from '../plan/process-plan.ts';
import type { Problem } from '../problem.ts';
import { programOf } from '../shell/command.ts';
import { readyPlanOf } from './usual.ts';

/** They listen, and answer with errors, while they load their data: others must not take that for ready. */
const READY_LINES: Readonly<Record<string, string>> = {
  'redis-server': 'Ready to accept connections',
  'valkey-server': 'Ready to accept connections',
  postgres: 'database system is ready to accept connections',
};

/** They say READY=1 only with an option: on the command line, or in a file that is named there. */
const NOTIFY_OPTIONS: Readonly<Record<string, readonly [said: RegExp, option: string]>> = {
  'redis-server': [/supervised|\.conf\b/, '--supervised systemd'],
  'valkey-server': [/supervised|\.conf\b/, '--supervised systemd'],
  haproxy: [/\s-\w*Ws/, '-Ws'],
};

export function knownProgramProblems(plans: readonly ProcessPlan[]): readonly Problem[] {
  const awaited = new Set(
    plans.flatMap(({ needs }) => needs.flatMap(({ process, until }) => (until === 'ready' ? process : []))),
  );
  return plans
    .filter(isService)
    .flatMap((plan) => [early(plan, awaited.has(plan.name)) ?? [], silent(plan) ?? []].flat());
}

/** Only where others wait for it: in `ps`, being shown as ready a little early does no harm. */
function early(plan: ServicePlan, isAwaited: boolean): Problem | undefined {
  const program = nameOf(plan);
  const line = READY_LINES[program];
  const isTooEarly = readyPlanOf(plan)?.checks.every(({ kind }) => TOO_EARLY.has(kind)) === true;
  if (line === undefined || !isAwaited || !isTooEarly) return undefined;
  return {
    code: 'ready-too-early',
    severity: 'warning',
    message: `'${plan.name}' may count as ready too early: ${program} listens before it can answer`,
    place: plan.place,
    remedy: `set 'ready: { log: ${line} }' for it in procsup.yaml`,
  };
}

const TOO_EARLY: ReadonlySet<string> = new Set(['listening', 'tcp', 'delay']);

function silent(plan: ServicePlan): Problem | undefined {
  const lacks = lackedForNotify(plan);
  if (lacks === undefined) return undefined;
  const { program, option } = lacks;
  return {
    code: 'notify-needs-option',
    severity: 'warning',
    message: `'${plan.name}' may never be ready: ${program} says READY=1 only with ${option}`,
    place: plan.place,
    remedy: `add ${option} to its command`,
  };
}

/** The option without which it does not say READY=1, where that is asked of it. */
export function lackedForNotify(
  plan: ProcessPlan,
): { readonly program: string; readonly option: string } | undefined {
  if (!isService(plan)) return undefined;
  const program = nameOf(plan);
  const [said, option] = NOTIFY_OPTIONS[program] ?? [];
  const isAsked = plan.ready?.checks.some(({ kind }) => kind === 'notify') === true;
  if (!isAsked || said === undefined || option === undefined || said.test(plan.command)) return undefined;
  return { program, option };
}

const nameOf = ({ script }: ServicePlan): string => (programOf(script) ?? '').replace(/^.*\//, '');
