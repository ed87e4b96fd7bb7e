import { allInstances, type AppSpec, type InstanceSpec } from '../../core/plan/app-spec.ts';
import { knownProgramProblems } from '../../core/check/known-programs.ts';
import { drainMsOf } from '../../core/plan/defaults.ts';
import type { RealEnv } from '../../core/plan/environment.ts';
import { enforcedOf, isService, type ServicePlan } from '../../core/plan/process-plan.ts';
import type { Way } from '../../core/limits/enforcing.ts';
import { wayText } from '../../core/limits/words.ts';
import { resolvedQueue } from '../../core/plan/resolved-queue.ts';
import { resolvedKeys, type Origin, type ResolvedKey } from '../../core/plan/resolved.ts';
import { STATUS } from '../../core/process/exit.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { listed } from '../../core/task/graph.ts';
import { resolvedTask } from '../../core/task/resolved.ts';
import type { Task } from '../../core/task/task.ts';
import { FOREGROUND_DEFAULTS } from '../../host/options.ts';
import { planText } from '../../ui/plan-text.ts';
import { startProblems } from './start-problems.ts';
import { problemsText, type ProblemPaint } from '../../ui/problem-text.ts';
import { loadApp, type AppOptions, type LoadedApp } from '../../config/load-app.ts';

export interface CheckOptions extends AppOptions {
  /** Treat warnings as errors. */
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

/** `procsup check`: reports all problems of the user's files. Returns the exit status. */
export async function check(options: CheckOptions, io: CheckIo): Promise<number> {
  const loaded = await loadApp({ ...options, startsNothing: true, tasksAreEnough: true }, io.env, io.cwd);
  const { value: app, problems: planned, envExpand = false } = loaded;
  const { tasks, problems: ofTasks } = await checkedTasks(loaded);
  const found = [...planned, ...(app === undefined ? [] : remarksOf(app)), ...ofTasks];
  const problems = options.strict ? found.map(asError) : found;
  const valid = app !== undefined && !hasErrors(problems) ? app : undefined;
  const ways = valid === undefined ? undefined : await waysOf(valid);
  if (options.json) {
    const whole = report(valid, tasks, problems, envExpand, io.env['PATH']);
    io.stdout(`${JSON.stringify({ ...whole, ...enforcementReport(ways) })}\n`);
  } else {
    if (valid) io.stdout(textOf(valid, tasks) + enforcementText(ways));
    io.stderr(problemsText(problems, io.paint) + (valid ? verdict(valid, tasks) : ''));
  }
  return valid ? STATUS.success : STATUS.usage;
}

/** Of the processes whose limits the kernel is to keep; undefined: of none. */
async function waysOf(app: AppSpec): Promise<Ways | undefined> {
  const limits = new Map(
    allInstances(app).flatMap(({ process, plan }) => {
      const own = enforcedOf(plan);
      return own.length === 0 ? [] : [[process, own]];
    }),
  );
  if (limits.size === 0) return undefined;
  return (await import('../../host/limits/foresee.ts')).foreseeWays(limits);
}

type Ways = ReadonlyMap<string, Way>;

const enforcementText = (ways: Ways = new Map()): string =>
  [...ways].map(([name, way]) => `${name}: ${wayText(way)}\n`).join('');

/** `null`: it cannot. */
const enforcementReport = (ways: Ways = new Map()): object =>
  ways.size === 0
    ? {}
    : {
        enforcement: Object.fromEntries(
          [...ways].map(([name, way]) => [
            name,
            way.by === 'none' ? { by: null, reason: way.why } : { by: way.by },
          ]),
        ),
      };

const remarksOf = (app: AppSpec): readonly Problem[] => [
  ...startProblems(app),
  ...knownProgramProblems([...new Set(allInstances(app).map(({ plan }) => plan))]),
];

const asError = (problem: Problem): Problem => ({ ...problem, severity: 'error' });

interface CheckedTasks {
  readonly tasks: readonly Task[];
  readonly problems: readonly Problem[];
}

/** What is loaded for tasks is loaded only where there are any. */
async function checkedTasks(loaded: LoadedApp): Promise<CheckedTasks> {
  const { tasks = [], scripts = false } = loaded.input?.appFile ?? {};
  if (tasks.length === 0 && !scripts) return { tasks: [], problems: [] };
  const { tasksOf } = await import('../../config/load-tasks.ts');
  return (await tasksOf(loaded, [])) ?? { tasks: [], problems: [] };
}

/** Pipelines and tasks do without a Procfile. */
function verdict({ procfile, processes }: AppSpec, tasks: readonly Task[]): string {
  const names = [
    ...(processes.length > 0 ? [processes.join(', ')] : []),
    ...(tasks.length > 0 ? [`tasks: ${listed(tasks.map(({ name }) => name))}`] : []),
  ];
  return `Valid ${procfile === null ? 'procsup.yaml' : 'procfile'} detected (${names.join('; ')})\n`;
}

/** Nothing where only the Procfile speaks: it says no more than its lines. */
function textOf(app: AppSpec, tasks: readonly Task[]): string {
  const plans = servicesOf(app);
  const processes = plans.some(([{ saidAt }]) => saidAt !== undefined)
    ? plans.map(([plan, keys]) => [plan.name, keys] as const)
    : [];
  return planText([
    ...processes,
    ...queuesOf(app).map(([name, keys]) => [`queue ${name}`, keys] as const),
    ...tasks.map((task) => [`task ${task.name}`, resolvedTask(task, app.root)] as const),
  ]);
}

/** Each process that has instances, with its keys. */
function servicesOf(app: AppSpec): readonly (readonly [ServicePlan, readonly ResolvedKey[]])[] {
  const counts = new Map<ServicePlan, number>();
  for (const { plan } of allInstances(app))
    if (isService(plan)) counts.set(plan, (counts.get(plan) ?? 0) + 1);
  return [...counts].map(([plan, instances]) => [
    plan,
    resolvedKeys(plan, { root: app.root, defaults: FOREGROUND_DEFAULTS, instances }),
  ]);
}

const queuesOf = ({ queues = [] }: AppSpec) =>
  queues.map((queue) => [queue.name, resolvedQueue(queue)] as const);

const originOf = (from: Origin): object | string => {
  if (typeof from === 'string') return from;
  const { file, line, column } = from;
  return { file, line, column };
};

const planReport = (app: AppSpec): object =>
  Object.fromEntries(servicesOf(app).map(([{ name }, keys]) => [name, keysReport(keys)]));

const keysReport = (keys: readonly ResolvedKey[]): object =>
  Object.fromEntries(keys.map(({ key, value, from }) => [key, { value, from: originOf(from) }]));

function report(
  app: AppSpec | undefined,
  tasks: readonly Task[],
  problems: readonly Problem[],
  envExpand: boolean,
  path = '',
): object {
  const listed = problems.map(withoutText);
  if (!app) return { valid: false, problems: listed };
  return {
    valid: true,
    root: app.root,
    procfile: app.procfile,
    envFiles: app.envFiles,
    envExpand,
    envFileVariables: app.envFileVariables,
    addedVariables: Object.keys(app.comforting).sort(),
    localBin: localBinOf(app, path),
    processes: app.processes,
    pipelines: app.pipelines,
    pools: app.pools,
    queues: Object.fromEntries(queuesOf(app).map(([name, keys]) => [name, keysReport(keys)])),
    tasks: Object.fromEntries(tasks.map((task) => [task.name, keysReport(resolvedTask(task, app.root))])),
    instances: app.instances.map(instanceReport),
    plan: planReport(app),
    problems: listed,
  };
}

/** The directories that we put in front of PATH. */
function localBinOf({ comforting }: AppSpec, path: string): readonly string[] {
  const added = comforting['PATH']?.slice(0, -path.length - 1);
  return added === undefined ? [] : added.split(':');
}

function instanceReport({ name, process, instance, port, command, plan, stage }: InstanceSpec): object {
  const own = { name, process, instance, port, command };
  if (plan.kind !== 'stage') return own;
  const restart = plan.restart?.mode ?? null;
  return { ...own, stage: { number: instance, ...stage, restart, drainMs: drainMsOf(plan) } };
}

/** JSON is passed on to logs and other programs: it must not contain lines of an environment file. */
function withoutText({ place, ...problem }: Problem): object {
  if (!place) return problem;
  const { file, line, column, length } = place;
  return { ...problem, place: { file, line, column, length } };
}
