/** `procsup task NAME --audit`: runs the named tasks under strace, and tells which files they do not declare. */
import { STATUS } from '../../core/process/exit.ts';
import { withNeeds, type TaskNode } from '../../core/task/graph.ts';
import { selectTasks } from '../../core/task/select.ts';
import { shellWords, taskEnvironment } from '../../core/task/task-script.ts';
import type { Task } from '../../core/task/task.ts';
import { auditTask } from '../../os/tasks/audit.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import { carryOut, openProcesses } from './carry-out.ts';
import type { TaskRun } from './read-run.ts';
import type { TaskSettings } from './settings.ts';

/** The task has succeeded, and uses files that it does not declare. */
const UNDECLARED = 1;

/** What they need is run first, as always. One after the other: each is to be told from the others. */
export async function auditTasks(run: TaskRun, settings: TaskSettings & Located, io: Io): Promise<number> {
  const nodes = run.graph.filter(({ task }) => run.named.includes(task.name) && task.command !== undefined);
  const before = await runNeeded(run, nodes, settings, io);
  if (before !== STATUS.success) return before;
  let status: number = STATUS.success;
  for (const node of nodes) {
    const one = await auditOne(node, run, io);
    if (status === STATUS.success) status = one;
  }
  return status;
}

async function runNeeded(
  run: TaskRun,
  nodes: readonly TaskNode[],
  settings: TaskSettings & Located,
  io: Io,
): Promise<number> {
  const names = nodes.flatMap(({ task }) =>
    task.needs.flatMap(({ kind, name }) => (kind === 'task' ? [name] : [])),
  );
  const others = names.filter((name) => !nodes.some(({ task }) => task.name === name));
  const { value } = selectTasks(
    run.graph.map(({ task }) => task),
    others,
  );
  return value === undefined || others.length === 0
    ? STATUS.success
    : carryOut({ ...run, ...value }, settings, io);
}

async function auditOne(node: TaskNode, run: TaskRun, io: Io): Promise<number> {
  const { task } = node;
  const { root, environment } = run.loaded;
  const [command, ...words] = shellWords(task, run.argsOf(run.graph.indexOf(node)));
  const held = node.processes.length === 0 ? undefined : await openProcesses(run, io);
  try {
    for (const { name, until } of node.processes) await held?.hold(name, until, new AbortController().signal);
    const audit = await auditTask(
      { ...task, command },
      { environment: taskEnvironment(task, environment), words, needed: neededBy(node, run), root },
    );
    if (audit.is === 'refused') {
      io.stderr(problemsText([{ code: 'task-audit', severity: 'error', ...audit }], io.paint));
      return STATUS.internal;
    }
    const { reads, writes, status } = audit;
    io.stderr(
      undeclaredText(task.name, 'reads', 'inputs', reads) +
        undeclaredText(task.name, 'writes', 'outputs', writes),
    );
    if (reads.length + writes.length === 0)
      io.stderr(`procsup: task ${task.name} reads and writes only what it declares\n`);
    return status === 0 && reads.length + writes.length > 0 ? UNDECLARED : status;
  } finally {
    await held?.close();
  }
}

/** Directly or not. */
function neededBy(node: TaskNode, { graph }: TaskRun): readonly Task[] {
  return [...withNeeds(graph, node.needs)].flatMap((index) => graph[index]?.task ?? []);
}

const undeclaredText = (name: string, verb: string, key: string, paths: readonly string[]): string =>
  paths.length === 0
    ? ''
    : `procsup: task ${name} ${verb} files that are not among its ${key}:\n${paths.map((path) => `  ${visibleText(path)}\n`).join('')}`;
