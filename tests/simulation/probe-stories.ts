/** What the runs of the stories are asked. */
import type { Check } from '../../src/core/check/check.ts';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import type { ServicePlan } from '../../src/core/plan/process-plan.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { FAIL_PATTERN } from './probe-oracle.ts';
import type { Random } from './random.ts';

export function randomInstance(random: Random): InstanceSpec {
  const isUsual = random.chance(0.2);
  const usual = fakeInstance(isUsual && random.chance(0.5) ? 'web.1' : 'api.1');
  const plan: ServicePlan = {
    ...(usual.plan as ServicePlan),
    ...(!isUsual && {
      ready: {
        checks: Array.from({ length: random.between(1, 3) }, () => randomCheck(random)),
        ...(random.chance(0.4) && { withinMs: random.pick([50, 2000, 15_000]) }),
      },
    }),
    ...(random.chance(0.3) && { failLog: FAIL_PATTERN }),
    ...(random.chance(0.5) && {
      health: {
        checks: Array.from({ length: random.between(1, 2) }, () => randomCheck(random)),
        everyMs: random.pick([500, 5000]),
        failures: random.between(1, 3),
        action: random.pick(['restart', 'warn', 'warn']),
      },
    }),
  };
  const kind = !isUsual || random.chance(0.7) ? 'service' : 'task';
  return { ...usual, plan: { ...plan, kind } };
}

/** Each is an object of its own. */
function randomCheck(random: Random): Check {
  const checks: readonly [Check, ...Check[]] = [
    { kind: 'listening' },
    { kind: 'listening' },
    { kind: 'tcp', port: 5000 },
    { kind: 'http', target: '/' },
    { kind: 'exec', command: 'true' },
    { kind: 'log', pattern: 'ready' },
    { kind: 'notify' },
    { kind: 'fd', fd: 3 },
    { kind: 'delay', ms: random.pick([10, 2000]) },
  ];
  return random.pick(checks);
}
