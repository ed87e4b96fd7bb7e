/** `procsup task --watch`: runs the tasks, and after each change of files those that it concerns. */
import { watchedTasks } from '../../core/task/affected.ts';
import { graphOf, withNeeds } from '../../core/task/graph.ts';
import type { TasksOutcome } from '../../core/task/outcome.ts';
import { STATUS, statusOf } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import { toldFiles } from '../../core/watch/cause.ts';
import { systemClock } from '../../os/clock.ts';
import { onSignals } from '../../os/process/received-signals.ts';
import { leaveFiles } from '../../os/terminal/leave-streams.ts';
import { createRepository } from '../../os/watch/git.ts';
import { createTree } from '../../os/watch/tree.ts';
import type { Held, TaskProcesses } from '../../ports/task-processes.ts';
import { watchFiles } from '../../runtime/task/watch-files.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import type { Io } from '../io.ts';
import { openProcesses, runOnce } from './carry-out.ts';
import type { TaskRun } from './read-run.ts';
import type { TaskSettings } from './settings.ts';

const DEBOUNCE_MS = 200;
const STOPPING: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Returns the exit status: that of the signal that has ended it. */
export async function watchTasks(run: TaskRun, settings: TaskSettings, io: Io): Promise<number> {
  process.on('exit', leaveFiles);
  const { root } = run.loaded;
  const warn = (text: string): void => io.stderr(`procsup: ${visibleText(text)}\n`);
  const opened = await openProcesses(run, io);
  const processes = opened && kept(opened);
  const watched = watchedTasks(run.graph, []);
  const news = createNews();
  const files = watchFiles({
    ...{ rules: watched.rules, root, debounceMs: DEBOUNCE_MS, clock: systemClock, warn },
    openTree: (order) => createTree(order, { clock: systemClock }),
    repository: createRepository(),
    changed: news.changed,
  });
  const stopHearing = onSignals((signal) => {
    if (STOPPING.includes(signal)) news.stopped(signal);
  });
  // What changes from now on is told, also during the first run.
  await files.ready;
  const keys = new Map<string, string>();
  const good = new Set<string>();
  let concerned: ReadonlySet<number> = new Set(run.graph.keys());
  const end = async (): Promise<number> => {
    for (;;) {
      const part = partOf(run, concerned);
      const outcome = await runOnce(part, settings, io, {
        ...{ processes, keys },
        isDone: isDoneIn(part, namesOf(run, concerned), good),
      });
      if (outcome === undefined) return STATUS.internal;
      if (outcome.signal !== null) return outcome.status;
      remember(outcome, good);
      warn('waiting for changes (press Ctrl-C to end)');
      do {
        const next = await news.next();
        if (typeof next === 'string') return statusOf({ by: 'signal', signal: next });
        // A task that only stands for others would bring those that have failed.
        concerned = new Set([...watched.affected(next)].filter((index) => hasCommand(run, index)));
        if (concerned.size > 0) warn(changedText(next, root));
      } while (concerned.size === 0);
    }
  };
  const status = await end();
  stopHearing();
  files.close();
  await opened?.close();
  return status;
}

/** The tasks that are concerned, with all that they need, which has keys. */
function partOf(run: TaskRun, concerned: ReadonlySet<number>): TaskRun {
  const indices = new Map(run.graph.map(({ task }, index) => [task.name, index]));
  const graph = graphOf(
    [...withNeeds(run.graph, concerned)].flatMap((index) => run.graph[index]?.task ?? []),
  );
  const argsOf = (index: number): readonly string[] =>
    run.argsOf(indices.get(graph[index]?.task.name ?? '') ?? -1);
  return { ...run, graph, whole: run.graph, argsOf };
}

const hasCommand = ({ graph }: TaskRun, index: number): boolean => graph[index]?.task.command !== undefined;

const namesOf = ({ graph }: TaskRun, indices: ReadonlySet<number>): ReadonlySet<string> =>
  new Set([...indices].flatMap((index) => graph[index]?.task.name ?? []));

const isDoneIn =
  ({ graph }: TaskRun, concerned: ReadonlySet<string>, good: ReadonlySet<string>) =>
  (index: number): boolean => {
    const name = graph[index]?.task.name ?? '';
    return good.has(name) && !concerned.has(name);
  };

function remember({ results }: TasksOutcome, good: Set<string>): void {
  for (const { name, outcome } of results)
    if (outcome.is === 'succeeded' || outcome.is === 'cached') good.add(name);
    else good.delete(name);
}

const MOST_FILES = 3;

function changedText(files: readonly string[], root: string): string {
  const told = toldFiles(files, root);
  const more = told.length - MOST_FILES;
  return `${told.slice(0, MOST_FILES).join(', ')}${more > 0 ? ` and ${String(more)} more files` : ''} changed`;
}

/** Changes are gathered while tasks run. */
function createNews() {
  const files = new Set<string>();
  let signal: SignalName | undefined;
  let wake = (): void => undefined;
  return {
    changed: (paths: readonly string[]): void => {
      for (const path of paths) files.add(path);
      wake();
    },
    stopped(name: SignalName): void {
      signal ??= name;
      wake();
    },
    async next(): Promise<readonly string[] | SignalName> {
      while (files.size === 0 && signal === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (signal !== undefined) return signal;
      const all = [...files];
      files.clear();
      return all;
    },
  };
}

/** Processes stay up between two runs, whatever becomes of the tasks. */
function kept(processes: TaskProcesses): TaskProcesses {
  const held = new Map<string, Promise<Held>>();
  return {
    async hold(name, until, signal) {
      const key = `${name} ${until}`;
      const asked = held.get(key) ?? processes.hold(name, until, signal);
      held.set(key, asked);
      try {
        await asked;
      } catch (error) {
        held.delete(key);
        throw error;
      }
      return { release: () => Promise.resolve() };
    },
    close: () => Promise.resolve(),
  };
}
