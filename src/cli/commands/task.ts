/** `procsup task`: runs tasks with all that they need. */
import { loadTasks, type LoadedTasks } from '../../config/load-tasks.ts';
import { STATUS } from '../../core/process/exit.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { taskProblems, type TaskGraph } from '../../core/task/graph.ts';
import { selectTasks, unknownTask } from '../../core/task/select.ts';
import { canTakeArguments } from '../../core/task/task-script.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import { carryOut } from '../task/carry-out.ts';
import type { TaskSettings } from '../task/settings.ts';

/** The tasks that were chosen, and what all of them get. */
export interface TaskRun {
  readonly graph: TaskGraph;
  readonly argsOf: (task: number) => readonly string[];
  readonly loaded: NonNullable<LoadedTasks['value']>;
}

/** Returns the exit status. */
export async function task(settings: TaskSettings & Located, io: Io): Promise<number> {
  const run = await readRun(settings, io);
  if (run === undefined) return STATUS.usage;
  if (settings.graph !== null) {
    const { graphText } = await import('../../core/task/graph-text.ts');
    io.stdout(graphText(run.graph, settings.graph));
    return STATUS.success;
  }
  if (settings.dryRun) return (await import('../task/dry-run.ts')).dryRun(run, settings, io);
  if (settings.watch) return (await import('../task/watch.ts')).watchTasks(run, settings, io);
  return carryOut(run, settings, io);
}

/** Undefined: something is wrong, which is told. */
export async function readRun(settings: TaskSettings & Located, io: Io): Promise<TaskRun | undefined> {
  const { names, color, json } = settings;
  const isShown = json ? io.coloured.stderr : io.coloured.stdout;
  const colour = color === 'never' || !isShown ? 'none' : 'forced';
  const loaded = await loadTasks({ ...appOptions(settings), colour, taskNames: names }, io.env, io.cwd);
  const { value } = loaded;
  const problems: Problem[] = [...loaded.problems];
  if (value !== undefined) problems.push(...taskProblems(value.tasks, value.caps));
  const selected = value === undefined || hasErrors(problems) ? undefined : selectTasks(value.tasks, names);
  problems.push(...(selected?.problems ?? []));
  if (value !== undefined && names.length === 0) problems.push(noName(value.tasks.map(({ name }) => name)));
  if (selected?.value !== undefined) problems.push(...argumentProblems(selected.value, settings));
  io.stderr(problemsText(problems, io.paint));
  if (value === undefined || selected?.value === undefined || hasErrors(problems)) return undefined;
  const { graph, named } = selected.value;
  const isNamed = new Set(named);
  const argsOf = (index: number): readonly string[] => {
    const one = graph[index]?.task;
    return one?.takesArguments === true && isNamed.has(one.name) ? settings.args : [];
  };
  return { graph, argsOf, loaded: value };
}

function appOptions({
  file,
  root,
  env,
  envExpand,
  localBin,
  searched,
  searchRefused,
}: TaskSettings & Located) {
  return {
    file,
    root,
    env,
    envExpand,
    localBin,
    searched,
    searchRefused,
    mayBlock: true,
    startsNothing: true,
  };
}

function noName(names: readonly string[]): Problem {
  const { remedy = '' } = unknownTask('', names);
  return { code: 'task-missing', severity: 'error', message: 'no task named', remedy };
}

function argumentProblems(
  { graph, named }: { readonly graph: TaskGraph; readonly named: readonly string[] },
  { args }: TaskSettings,
): readonly Problem[] {
  if (args.length === 0) return [];
  const tasks = graph.flatMap(({ task: one }) => (named.includes(one.name) ? [one] : []));
  const taking = tasks.filter(({ takesArguments }) => takesArguments);
  if (taking.length === 0)
    return [
      {
        code: 'task-arguments',
        severity: 'error',
        message: `${tasks.map(({ name }) => `'${name}'`).join(', ')} ${tasks.length === 1 ? 'takes' : 'take'} no arguments`,
        remedy: "add 'args: pass' to the task, or omit what follows '--'",
      },
    ];
  return taking
    .filter((one) => !canTakeArguments(one))
    .map(({ name, command = '', place }) => ({
      code: 'arguments-unplaced',
      severity: 'error',
      message: `cannot add arguments to '${name}': its command '${command}' has no unambiguous place for them`,
      place,
      remedy: 'put "$@" into the command where the arguments belong',
    }));
}
