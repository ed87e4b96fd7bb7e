import type { AppSpec, InstanceSpec } from '../../core/app-spec.ts';
import type { RealEnv } from '../../core/environment.ts';
import { STATUS } from '../../core/exit.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { problemsText, type ProblemPaint } from '../../ui/problem-text.ts';
import { loadApp, type AppOptions } from '../load-app.ts';

export interface CheckOptions extends AppOptions {
  /** Warnings are errors. */
  readonly strict?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export interface CheckIo {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly env: RealEnv;
  readonly cwd: string;
  readonly paint: ProblemPaint;
}

/** `procsup check`: every problem of the user's files at once. Returns the exit status. */
export async function check(options: CheckOptions, io: CheckIo): Promise<number> {
  const { value: app, problems: found } = await loadApp(options, io.env, io.cwd);
  const problems = options.strict ? found.map(asError) : found;
  const valid = app !== undefined && !hasErrors(problems) ? app : undefined;
  if (options.json) io.stdout(`${JSON.stringify(report(valid, problems))}\n`);
  else io.stderr(problemsText(problems, io.paint) + (valid ? verdict(valid) : ''));
  return valid ? STATUS.success : STATUS.usage;
}

const asError = (problem: Problem): Problem => ({ ...problem, severity: 'error' });

function verdict({ procfile, processes }: AppSpec): string {
  const what = procfile === null ? 'procsup.yaml' : 'procfile';
  return `Valid ${what} detected (${processes.join(', ')})\n`;
}

function report(app: AppSpec | undefined, problems: readonly Problem[]): object {
  const listed = problems.map(withoutText);
  if (!app) return { valid: false, problems: listed };
  return {
    valid: true,
    root: app.root,
    procfile: app.procfile,
    envFiles: app.envFiles,
    envFileVariables: app.envFileVariables,
    processes: app.processes,
    pipelines: app.pipelines,
    instances: app.instances.map(instanceReport),
    problems: listed,
  };
}

function instanceReport({ name, process, instance, port, command, stage }: InstanceSpec): object {
  const own = { name, process, instance, port, command };
  if (stage === undefined) return own;
  const { upstream, downstream, joinsStderr, restart, drainMs } = stage;
  return {
    ...own,
    stage: { number: instance, upstream, downstream, joinsStderr, restart: restart ?? null, drainMs },
  };
}

/** JSON goes into logs and other programs: a line of an environment file stays out of it. */
function withoutText({ place, ...problem }: Problem): object {
  if (!place) return problem;
  const { file, line, column, length } = place;
  return { ...problem, place: { file, line, column, length } };
}
