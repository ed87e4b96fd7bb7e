/** `procsup task ls`: the tasks of the project. */
import { loadTasks } from '../../config/load-tasks.ts';
import { STATUS } from '../../core/process/exit.ts';
import { directoryIn, isCacheable, untilOf, type Task } from '../../core/task/task.ts';
import { tableText } from '../../text/table.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import { ONLY_READ, sourceOf } from './read-run.ts';
import type { TaskSettings } from './settings.ts';

export async function listTasks(settings: TaskSettings & Located, io: Io): Promise<number> {
  const { value, problems } = await loadTasks({ ...sourceOf(settings), ...ONLY_READ }, io.env, io.cwd);
  io.stderr(problemsText(problems, io.paint));
  if (value === undefined) return STATUS.usage;
  const { tasks, root } = value;
  if (settings.json) io.stdout(`${JSON.stringify(tasks.map((task) => recordOf(task, root)))}\n`);
  else if (tasks.length > 0)
    io.stdout(tableText(COLUMNS, tasks.map(rowOf), { paint: await io.theme('stdout') }));
  else
    io.stderr(
      "procsup: this project has no tasks\n  help: add 'tasks' to procsup.yaml, or 'scripts: true' for those of package.json\n",
    );
  return STATUS.success;
}

const COLUMNS = ['TASK', 'NEEDS', 'CACHED', 'WHAT'].map((title) => ({ title }));

function rowOf(task: Task): readonly string[] {
  const needs = task.needs.map(({ name }) => name).join(' ');
  const what = task.description ?? task.command ?? '';
  return [task.name, needs || '-', isCacheable(task) ? 'yes' : 'no', visibleText(what.replace(/\s+/g, ' '))];
}

function recordOf(task: Task, root: string): object {
  const { name, description, command, needs, inputs, outputs } = task;
  return {
    name,
    description: description ?? null,
    command: command ?? null,
    needs: needs.map((need) => ({ name: need.name, kind: need.kind, until: untilOf(need) })),
    inputs: inputs ?? null,
    outputs: outputs ?? null,
    cached: isCacheable(task),
    takesArguments: task.takesArguments,
    workingDir: directoryIn(root, task),
  };
}
