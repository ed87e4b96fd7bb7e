/** Runs the chosen tasks once, and tells how they have ended. */
import { taskJson } from '../../ui/task-json.ts';
import {
  cachedText,
  finishedText,
  joinedText,
  reasonText,
  retriedText,
  stoppingText,
  summaryText,
  unmatchedText,
} from '../../ui/task-text.ts';
import { logPrefix } from '../../ui/log-prefix.ts';
import { readableValue } from '../../core/pool/quote-value.ts';
import { isCacheable } from '../../core/task/task.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { TasksOutcome } from '../../core/task/outcome.ts';
import { openTaskSystem, type TaskSystem, type TaskSystemOptions } from '../../host/task-ports.ts';
import { leaveFiles } from '../../os/terminal/leave-streams.ts';
import type { MissReason } from '../../ports/task-cache.ts';
import type { TaskProcesses } from '../../ports/task-processes.ts';
import type { TaskNotes, TasksRequest } from '../../runtime/task/request.ts';
import type { TaskOutputMode } from '../../runtime/task/outputs.ts';
import { runTasks } from '../../runtime/task/run-tasks.ts';
import { plainBytes, safeBytes } from '../../text/terminal-safe.ts';
import type { Io } from '../io.ts';
import { systemRefusal } from '../pool/system-reason.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { HeldProcesses } from './held-processes.ts';
import type { TaskRun } from './read-run.ts';
import type { TaskSettings } from './settings.ts';

/** Returns the exit status. */
export async function carryOut(run: TaskRun, settings: TaskSettings, io: Io): Promise<number> {
  process.on('exit', leaveFiles);
  const processes = await openProcesses(run, io);
  return (await runOnce(run, settings, io, { processes }))?.status ?? STATUS.internal;
}

/** What a run has of earlier ones. */
export interface Earlier extends Pick<TasksRequest, 'isDone' | 'keys'> {
  readonly processes: TaskProcesses | undefined;
}

/** undefined: the system has refused it, which is told. */
export async function runOnce(
  run: TaskRun,
  settings: TaskSettings,
  io: Io,
  { processes, ...earlier }: Earlier,
): Promise<TasksOutcome | undefined> {
  const warn = (text: string): void => io.stderr(`procsup: ${readableValue(text)}\n`);
  const { graph, argsOf, loaded } = run;
  const { root, environment, caps } = loaded;
  const system = await openSystem(run, settings, { processes, warn }, io);
  if (system === undefined) return undefined;
  const reasons = new Map<number, MissReason>();
  const output = await outputOf(run, settings, io);
  const request: TasksRequest = {
    ...{ graph, argsOf, root, environment, ...earlier },
    ...{
      slots: settings.slots,
      continues: settings.continues,
      force: settings.force,
      explains: settings.why,
    },
    caps: new Map(caps.map(({ name, soft }) => [name, soft])),
    output,
    notes: notesFor(run, output.mode),
    onReason: (task, reason) => void reasons.set(task, reason),
  };
  const outcome = await runTasks(request, system.ports);
  await Promise.all([system.close(), system.ports.cache?.close()]);
  const isShown = (index: number): boolean =>
    graph[index]?.task.command !== undefined && earlier.isDone?.(index) !== true;
  io.stderr(summaryText(outcome, { graph, isShown }, await io.theme('stderr')));
  if (settings.json) io.stdout(taskJson(outcome, graph, reasons));
  return outcome;
}

/** undefined: the system has refused it, which is told. */
async function openSystem(
  run: TaskRun,
  { slots, force }: TaskSettings,
  { processes, warn }: Pick<TaskSystemOptions, 'processes' | 'warn'>,
  io: Io,
): Promise<TaskSystem | undefined> {
  const { graph, argsOf, loaded } = run;
  const { root, environment } = loaded;
  const cache = graph.some(({ task }) => task.command !== undefined && isCacheable(task))
    ? (await import('./open-cache.ts')).openCache(io)
    : undefined;
  try {
    // Awaited: what it throws is told here.
    return await openTaskSystem({
      ...{ graph, argsOf, slots: Math.min(slots, graph.length), root, environment, ownEnv: io.env },
      ...{ cache, processes, warn, openUses: await usesOpener(run, io, warn) },
      ...{ isLate: cache !== undefined && !force },
      reasonOf: (error) => systemRefusal(error, 'tasks', 'task-refused').message,
    });
  } catch (error) {
    io.stderr(problemsText([systemRefusal(error, 'tasks', 'task-refused')], io.paint));
    return undefined;
  }
}

/** undefined: no task has caps or a lock. */
async function usesOpener(
  { graph, loaded: { root, caps } }: TaskRun,
  { env, cwd }: Io,
  warn: (text: string) => void,
): Promise<TaskSystemOptions['openUses']> {
  if (!graph.some(({ task }) => task.command !== undefined && (task.lock ?? task.uses[0]) !== undefined))
    return undefined;
  const { createSharedUses } = await import('./shared-uses.ts');
  const limits = new Map(caps.map(({ name, soft }) => [name, soft]));
  return (runTag) => createSharedUses({ root, env, cwd, caps: limits, runTag, warn });
}

/** undefined: none is needed. */
export async function openProcesses(
  { graph, loaded, source, named }: TaskRun,
  io: Io,
): Promise<HeldProcesses | undefined> {
  if (!graph.some((node) => node.processes.length > 0)) return undefined;
  const { createHeldProcesses } = await import('./held-processes.ts');
  const { env, cwd } = io;
  return createHeldProcesses({ root: loaded.root, source, env, cwd, command: ['task', ...named].join(' ') });
}

async function outputOf(
  { graph, whole = graph }: TaskRun,
  settings: TaskSettings,
  io: Io,
): Promise<TasksRequest['output']> {
  const commands = whole.filter(({ task }) => task.command !== undefined);
  const indices = new Map(whole.map(({ task }, index) => [task.name, index]));
  const to = settings.json ? 'stderr' : 'stdout';
  const theme = await io.theme(to);
  const width = Math.max(...commands.map(({ task }) => task.name.length));
  const mode = settings.output ?? (commands.length === 1 && !settings.json ? 'raw' : 'prefixed');
  const colour = (text: string, index: number): string => theme.process(index)(text);
  const prefixOf = logPrefix({ timestamps: 'none', width, colour });
  return {
    ...{ mode, to },
    prefixOf: ({ name }, ...rest) => prefixOf({ name, index: indices.get(name) ?? 0 }, ...rest),
    clean: io.coloured[to] ? safeBytes : plainBytes,
  };
}

function notesFor({ graph }: TaskRun, mode: TaskOutputMode): TaskNotes {
  return {
    cached: cachedText,
    joined: joinedText,
    reason: reasonText,
    unmatched(task, key, globs) {
      const { saidAt, place } = graph[task]?.task ?? {};
      return unmatchedText(key, globs, saidAt?.[key] ?? place);
    },
    retried: (task, status, attempt) => retriedText(status, attempt, graph[task]?.task.retries ?? 0),
    // Of a single task the summary says it.
    finished: (_, outcome) => (mode === 'raw' ? undefined : finishedText(outcome)),
    stopping: stoppingText,
  };
}
