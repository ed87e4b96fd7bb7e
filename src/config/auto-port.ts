/** `-p auto` and `port: auto`: replaces the word by the base port of the directory, before the application is planned. */
import { planApp, type PlanInput } from '../core/plan/plan-app.ts';
import { portOf } from '../core/plan/ports.ts';
import type { Problem } from '../core/problem.ts';
import { assignPorts, type AssignedPorts } from '../os/files/assign-ports.ts';

interface WithPorts {
  readonly input: PlanInput;
  readonly problems: readonly Problem[];
}

/** Of `env` only the places of our own files are used. `onlyLook`: nothing is claimed. */
export async function withAutoPorts(
  input: PlanInput,
  env: NodeJS.ProcessEnv,
  onlyLook: boolean,
): Promise<WithPorts> {
  // What would be started, with ports that always fit.
  const draft = { ...input, port: '1024', portStep: 1 };
  const { value: app } = planApp(draft);
  // Its problems are found again by the plan.
  if (app === undefined) return { input: { ...input, port: '1024' }, problems: [] };
  const all = [...app.instances, ...app.others];
  const assigned = await assignPorts({
    root: input.root,
    env,
    lines: app.processes.length,
    instances: Math.max(1, ...all.filter(({ stage }) => stage === undefined).map(({ instance }) => instance)),
    used: (base, step) => app.instances.map(({ index, instance }) => portOf(base, index, instance, step)),
    onlyLook,
  });
  if ('refused' in assigned) {
    const why =
      assigned.refused === 'too-many'
        ? `there are not enough ports for ${String(app.processes.length)} processes`
        : `${String(assigned.others)} other directories have claimed all ports`;
    const remedy = 'set a base port with -p, or remove directories that are not used any more';
    return {
      input: draft,
      problems: [problem('error', `cannot choose ports automatically: ${why}`, remedy)],
    };
  }
  const { base, step } = assigned;
  return { input: { ...input, port: String(base), portStep: step }, problems: warningsOf(assigned) };
}

function warningsOf({ base, moved, unclaimed }: AssignedPorts): readonly Problem[] {
  return [
    ...(moved === undefined
      ? []
      : [
          problem(
            'warning',
            `port ${String(moved.takenPort)} is in use: the base port of this directory changes from ${String(moved.from)} to ${String(base)}`,
          ),
        ]),
    ...(unclaimed === undefined
      ? []
      : [problem('warning', `the ports are not reserved for this directory: ${unclaimed}`)]),
  ];
}

function problem(severity: Problem['severity'], message: string, remedy?: string): Problem {
  return { code: 'port-auto', severity, message, ...(remedy !== undefined && { remedy }) };
}
