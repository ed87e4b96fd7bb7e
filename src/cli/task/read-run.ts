/** Reads the tasks of the project, and chooses those that the command line names. */
import type { AppOptions } from '../../config/load-app.ts';
import { loadTasks, type LoadedTasks } from '../../config/load-tasks.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import type { TaskGraph } from '../../core/task/graph.ts';
import { selectTasks, unknownTask } from '../../core/task/select.ts';
import { canTakeArguments } from '../../core/task/task-script.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import type { TaskSettings } from './settings.ts';

/** The tasks that were chosen, and what all of them get. */
export interface TaskRun {
  readonly graph: TaskGraph;
  /** All that were chosen, where this is a part of them: it looks as a run of all does. */
  readonly whole?: TaskGraph;
  readonly argsOf: (task: number) => readonly string[];
  readonly loaded: NonNullable<LoadedTasks['value']>;
  /** How they were found. */
  readonly source: AppOptions;
  /** Those that the command line names. */
  readonly named: readonly string[];
  readonly sources: Sources;
}

/** What was read for it. */
export type Sources = Pick<LoadedTasks, 'files' | 'globs'>;

/** Undefined: something is wrong, which is told. */
export async function readRun(settings: TaskSettings & Located, io: Io): Promise<TaskRun | undefined> {
  return (await tryToRead(settings, io)).run;
}

/** What is wrong is told. */
export async function tryToRead(
  settings: TaskSettings & Located,
  io: Io,
): Promise<{ readonly run: TaskRun | undefined; readonly sources: Sources }> {
  const { names, color, json } = settings;
  const isShown = json ? io.coloured.stderr : io.coloured.stdout;
  const colour = color === 'never' || !isShown ? 'none' : 'forced';
  const source = { ...sourceOf(settings), colour } as const;
  const loaded = await loadTasks({ ...source, ...ONLY_READ, taskNames: names }, io.env, io.cwd);
  const { value, files, globs } = loaded;
  const sources = { files, globs };
  const problems: Problem[] = [...loaded.problems];
  const selected = value === undefined || hasErrors(problems) ? undefined : selectTasks(value.tasks, names);
  problems.push(...(selected?.problems ?? []));
  if (value !== undefined && names.length === 0) problems.push(noName(value.tasks.map(({ name }) => name)));
  if (selected?.value !== undefined) problems.push(...argumentProblems(selected.value, settings));
  io.stderr(problemsText(problems, io.paint));
  if (value === undefined || selected?.value === undefined || hasErrors(problems))
    return { run: undefined, sources };
  const { graph, named } = selected.value;
  const isNamed = new Set(named);
  const argsOf = (index: number): readonly string[] => {
    const one = graph[index]?.task;
    return one?.takesArguments === true && isNamed.has(one.name) ? settings.args : [];
  };
  return { run: { graph, argsOf, loaded: value, source, named, sources }, sources };
}

/** Where the application is found: by us, and by a supervisor that is started for its processes. */
export const sourceOf = ({
  file,
  root,
  env,
  envExpand,
  localBin,
  searched,
  searchRefused,
}: TaskSettings & Located): AppOptions => ({ file, root, env, envExpand, localBin, searched, searchRefused });

/** We start no process ourselves, so we claim no ports; a supervisor does. */
export const ONLY_READ = { mayBlock: true, startsNothing: true } as const;

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
