import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import { servicePlan } from '../../src/core/plan/process-plan.ts';

/** `web.1` as it would be planned, with an environment of its own only. */
export function fakeInstance(
  name: string,
  some: Partial<Omit<InstanceSpec, 'env'>> & { readonly env?: Readonly<Record<string, string>> } = {},
): InstanceSpec {
  const [process = ''] = name.split(/[./]/);
  const { env = { A: '1' }, command = `run ${name}`, ...others } = some;
  const plan = servicePlan(process, command, { file: 'Procfile', line: 1, column: 1, length: 1, text: '' });
  return {
    ...{ name, process, instance: 1, index: 0, command, script: plan.script, port: 5000, plan },
    ...{ env: { common: {}, own: env } },
    ...others,
  };
}
