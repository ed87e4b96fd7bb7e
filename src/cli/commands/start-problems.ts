/** For `check`: what the system would refuse, or lose, when the processes are started. */
import type { AppSpec, InstanceSpec } from '../../core/plan/app-spec.ts';
import { oddNames, wholeEnvironment } from '../../core/plan/environment.ts';
import type { Problem } from '../../core/problem.ts';
import { programOf } from '../../core/shell/command.ts';
import { findProgram } from '../../os/process/find-program.ts';
import { keepingShell } from '../../os/process/shell.ts';
import { whyTooLarge } from '../../os/process/too-large.ts';

export function startProblems({ root, instances }: AppSpec): readonly Problem[] {
  const problems = new Map<string, Problem>();
  for (const instance of instances) {
    const env = wholeEnvironment(instance.env);
    for (const problem of [tooLarge(env), lost(env), notExecutable(instance, env, root)]) {
      if (problem !== undefined) problems.set(problem.message, problem);
    }
  }
  return [...problems.values()];
}

function tooLarge(env: Readonly<Record<string, string>>): Problem | undefined {
  const message = whyTooLarge(env);
  if (message === undefined) return undefined;
  return { code: 'environment-too-large', severity: 'error', message, remedy: 'pass large values in a file' };
}

function lost(env: Readonly<Record<string, string>>): Problem | undefined {
  const names = oddNames(env);
  if (names.length === 0 || keepingShell() !== undefined) return undefined;
  const message = `/bin/sh does not pass on the variables ${names.map((name) => `'${name}'`).join(', ')}`;
  return { code: 'environment-lost', severity: 'warning', message, remedy: 'install bash, or rename them' };
}

function notExecutable(
  { script, plan }: InstanceSpec,
  env: Readonly<Record<string, string>>,
  root: string,
): Problem | undefined {
  const program = programOf(script);
  if (program === undefined) return undefined;
  const found = findProgram(program, env['PATH'], plan.workingDir ?? root);
  if (found.kind !== 'not-executable') return undefined;
  const { path, why, remedy } = found;
  const where = path === program ? '' : ` (${path})`;
  return {
    code: 'command-not-executable',
    severity: 'error',
    message: `cannot run '${program}': ${why}${where}`,
    place: plan.place,
    ...(remedy !== undefined && { remedy }),
  };
}
