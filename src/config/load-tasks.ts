/** Loads the tasks of a project: those of procsup.yaml, and the scripts of its packages that they mean. */
import { allInstances } from '../core/plan/app-spec.ts';
import type { RealEnv } from '../core/plan/environment.ts';
import type { CapSpec } from '../core/plan/process-plan.ts';
import { hasErrors, type Problem } from '../core/problem.ts';
import { taskProblems } from '../core/task/graph.ts';
import { outputProblems } from '../core/task/overlap.ts';
import { resolveTasks } from '../core/task/resolve.ts';
import { packageAndScript, scriptNameOf } from '../core/task/scripts.ts';
import type { TaskSettings } from '../core/task/settings.ts';
import type { Task } from '../core/task/task.ts';
import { loadApp, type AppOptions, type LoadedApp } from './load-app.ts';
import type { ReadFile } from './read-files.ts';

export interface TaskOptions extends AppOptions {
  /** The tasks that the command line names: scripts need not be mentioned in procsup.yaml. */
  readonly taskNames?: readonly string[] | undefined;
}

export interface LoadedTasks {
  readonly value:
    | {
        /** In the order of the file, then scripts. */
        readonly tasks: readonly Task[];
        /** Absolute. */
        readonly root: string;
        /** What every command gets, without what its task adds. */
        readonly environment: Readonly<Record<string, string>>;
        readonly caps: readonly CapSpec[];
      }
    | undefined;
  readonly problems: readonly Problem[];
  readonly files: readonly ReadFile[];
  /** Where files may come into being that are read then: globs below the root. */
  readonly globs: readonly string[];
}

/** Neither a Procfile nor a procsup.yaml is needed where scripts are named. */
export async function loadTasks(options: TaskOptions, realEnv: RealEnv, cwd: string): Promise<LoadedTasks> {
  const loaded = await loadApp({ ...options, procfileIsOptional: true, mayBeEmpty: true }, realEnv, cwd);
  const { value: app } = loaded;
  const resolved = await tasksOf(loaded, options.taskNames ?? []);
  const problems = [...loaded.problems, ...(resolved?.problems ?? [])];
  const { files: ofPackages = [], globs = [] } = resolved ?? {};
  const files = [...loaded.files, ...ofPackages];
  if (app === undefined || resolved === undefined || hasErrors(problems))
    return { value: undefined, problems, files, globs };
  const { root, environment, caps = [] } = app;
  return { value: { tasks: resolved.tasks, root, environment, caps }, problems, files, globs };
}

/** Undefined: the files themselves have errors. */
export async function tasksOf(
  { value: app, input }: LoadedApp,
  named: readonly string[],
): Promise<
  (Pick<LoadedTasks, 'problems' | 'files' | 'globs'> & { readonly tasks: readonly Task[] }) | undefined
> {
  if (app === undefined) return undefined;
  const { tasks: settings = [], scripts: allScripts = false } = input?.appFile ?? {};
  const { packages, problems, files, globs } = needsPackages(settings, allScripts, named)
    ? await (await import('./tasks/packages.ts')).readPackages(app.root)
    : { packages: [], problems: [], files: [], globs: [] };
  const processes = new Map(
    allInstances(app).map(
      ({ process, plan }) => [process, plan.kind === 'task' ? 'task' : 'service'] as const,
    ),
  );
  const { root, environment } = app;
  const path = environment['PATH'] ?? '';
  const resolved = resolveTasks({ root, settings, allScripts, packages, processes, named, path });
  const { tasks } = resolved;
  // What is named does not exist, or is wrong: the graph would say the same again.
  const ofGraph = hasErrors(resolved.problems)
    ? []
    : [...taskProblems(tasks, app.caps ?? []), ...outputProblems(tasks)];
  return { tasks, problems: [...problems, ...resolved.problems, ...ofGraph], files, globs };
}

/** package.json is read only where it can matter. */
const needsPackages = (
  settings: readonly TaskSettings[],
  allScripts: boolean,
  named: readonly string[],
): boolean =>
  allScripts ||
  named.some(isScript) ||
  settings.some(
    ({ name, command, needs = [] }) =>
      command === undefined ||
      scriptNameOf(command) !== undefined ||
      isScript(name) ||
      needs.some(isOfScript),
  );

const isScript = (name: string): boolean =>
  scriptNameOf(name) !== undefined || packageAndScript(name) !== undefined;

const isOfScript = ({ name }: { readonly name: string }): boolean => isScript(name) || name.startsWith('^');
