/**
 * Where the system does not tell who listens (there is no /proc, as on macOS), a check connects to the port that the process
 * is expected to use. It cannot tell the process from another program that listens there.
 */
import { isService, type ProcessPlan, type ServicePlan } from '../plan/process-plan.ts';
import type { Problem } from '../problem.ts';
import type { Check } from './check.ts';
import { namesPort } from './usual.ts';

/** Both families are tried: many programs listen on one of them only. */
const HOST = 'localhost';

/** What is asked instead, of a run that was given this PORT. */
export function checkWithoutSockets(check: Check, plan: ProcessPlan, given: number): Check {
  const port = expectedPort(plan, given) ?? given;
  switch (check.kind) {
    case 'listening':
      return { kind: 'tcp', host: HOST, port: check.port ?? port };
    case 'tcp':
      return { ...check, host: check.host ?? HOST };
    case 'http':
      return check.target.startsWith('/')
        ? { ...check, target: `http://${HOST}:${String(port)}${check.target}` }
        : check;
    case 'log':
    case 'exec':
    case 'notify':
    case 'fd':
    case 'delay':
      return check;
  }
}

/** `listening: true` of processes of which nobody has said on which port they listen. */
export function unknownPortProblems(plans: readonly ProcessPlan[]): readonly Problem[] {
  return plans.filter(isService).flatMap((plan) => {
    const key = (['ready', 'health'] as const).find((each) => plan[each]?.checks.some(isAnyPort) === true);
    if (key === undefined || expectedPort(plan, 1) !== undefined) return [];
    return [
      {
        code: 'listening-port-unknown',
        severity: 'error',
        message: `cannot check 'listening: true' of '${plan.name}': this system does not tell on which ports a process listens`,
        place: plan.saidAt?.[key] ?? plan.place,
        remedy: `name its port, as in '${key}: { listening: 3000 }'`,
      },
    ];
  });
}

const isAnyPort = (check: Check): boolean => check.kind === 'listening' && check.port === undefined;

/** Undefined: it has a PORT, as all have, but nothing says that it uses it. */
function expectedPort(plan: ProcessPlan, given: number): number | undefined {
  if (!isService(plan)) return undefined;
  const [declared] = plan.ports ?? [];
  if (namesPort(plan)) return given;
  return declared ?? (isToldPort(plan) ? given : undefined);
}

const isToldPort = ({ name, environment, fileVariables }: ServicePlan): boolean =>
  name === 'web' || (environment['PORT'] ?? fileVariables?.['PORT']) !== undefined;
