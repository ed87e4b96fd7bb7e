/** Problems of all plans together; those within one file are found where it is read. */
import type { Problem } from '../problem.ts';
import { portVariable } from './environment.ts';
import { unknownProcess, type Formation, type KnownNames } from './formation.ts';
import { isGlob, matchesGlob } from '../../text/glob.ts';
import type { PlannedInstance } from './instances.ts';
import type { ProcessPlan } from './process-plan.ts';
import type { PipelineName } from './sources.ts';

export function unknownNames(names: readonly string[], known: KnownNames): Problem[] {
  const all = new Set([...known.processes, ...known.pipelines]);
  if (all.size === 0) return [];
  return [...new Set(names)]
    .filter((name) => !all.has(name) && !(isGlob(name) && [...all].some((one) => matchesGlob(name, one))))
    .map((name) => ({ ...unknownProcess('unknown-process', name, known), severity: 'error' }));
}

/** Each of the chosen processes has a count of 0, and no pipeline was chosen. */
export function nothingToStart(
  processes: readonly string[],
  formation: Formation | undefined,
  instances: readonly PlannedInstance[],
): Problem[] {
  if (processes.length === 0 || !formation || instances.length > 0) return [];
  if (processes.some((name) => formation.get(name) !== 0)) return [];
  return [
    {
      code: 'formation-empty',
      severity: 'error',
      message: `nothing to start: the formation sets ${processes.map((name) => `'${name}'`).join(', ')} to 0`,
      remedy: 'set at least one of them to 1 or more',
    },
  ];
}

export function sharedNames(
  processes: readonly ProcessPlan[],
  pipelines: readonly PipelineName[],
): Problem[] {
  const places = new Map(processes.map(({ name, place }) => [name, place]));
  return pipelines.flatMap(({ name, place }): Problem[] => {
    const other = places.get(name);
    if (other === undefined) return [];
    return [
      {
        code: 'app-file-name-taken',
        severity: 'error',
        message: `duplicate name '${name}': it is also a process (${other.file}:${String(other.line)})`,
        place,
        remedy: 'rename the pipeline or the process',
      },
    ];
  });
}

/** Two processes whose ports are told by the same variable. */
export function sharedVariables(processes: readonly ProcessPlan[]): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { name } of processes) {
    const variable = portVariable(name);
    const owner = owners.get(variable);
    if (owner === undefined) owners.set(variable, name);
    else problems.push(sharedVariable(variable, owner, name));
  }
  return problems;
}

function sharedVariable(variable: string, owner: string, name: string): Problem {
  return {
    code: 'port-variable-shared',
    severity: 'warning',
    message: `'${owner}' and '${name}' share the variable ${variable}; it is set to the port of '${owner}'`,
    remedy: 'rename one of them if you use this variable',
  };
}
