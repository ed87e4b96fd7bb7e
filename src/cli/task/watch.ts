/** `procsup task --watch`: runs the tasks, and after each change of files those that it concerns. */
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
import { watchFiles } from '../../runtime/task/watch-files.ts';
import { messageOf } from '../../text/error-message.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import { openProcesses, runOnce } from './carry-out.ts';
import { keepProcesses } from './kept-processes.ts';
import { tryToRead, type TaskRun } from './read-run.ts';
import type { TaskSettings } from './settings.ts';
import { createNews } from './watch-news.ts';
import { createWatchPlan } from './watch-plan.ts';

const DEBOUNCE_MS = 200;
const STOPPING: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Returns the exit status: that of the signal that has ended it. */
export async function watchTasks(first: TaskRun, settings: TaskSettings & Located, io: Io): Promise<number> {
  process.on('exit', leaveFiles);
  const { root } = first.loaded;
  const warn = (text: string): void => io.stderr(`procsup: ${visibleText(text)}\n`);
  const news = createNews();
  const processes = keepProcesses(() => openProcesses(plan.run(), io));
  const plan = createWatchPlan(first, {
    read: () => tryToRead(settings, io),
    watch: (rules) =>
      watchFiles({
        ...{ rules, root, debounceMs: DEBOUNCE_MS, clock: systemClock, warn },
        openTree: (order) => createTree(order, { clock: systemClock }),
        repository: createRepository(),
        changed: news.changed,
      }),
    async adopted({ graph }) {
      const names = new Set(graph.map(({ task }) => task.name));
      // What comes back is new.
      for (const name of [...good, ...keys.keys()]) if (!names.has(name)) forget(name);
      await processes
        .replan(graph.flatMap((node) => node.processes))
        .catch((error: unknown) => warn(`cannot change the processes: ${messageOf(error)}`));
    },
    changed: news.changed,
  });
  const stopHearing = onSignals((signal) => {
    if (STOPPING.includes(signal)) news.stopped(signal);
  });
  const keys = new Map<string, string>();
  const good = new Set<string>();
  const forget = (name: string): void => {
    good.delete(name);
    keys.delete(name);
  };
  // What changes from now on is told, also during the first run.
  await plan.ready();
  let concerned: ReadonlySet<number> = new Set(first.graph.keys());
  const end = async (): Promise<number> => {
    for (;;) {
      const run = plan.run();
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
        const taken = await plan.take(next, good);
        const signal = news.signal();
        if (signal !== undefined) return statusOf({ by: 'signal', signal });
        // A task that only stands for others would bring those that have failed.
        ({ concerned } = taken);
        if (taken.reading === 'refused') warn('the tasks stay as they were until this is corrected');
        if (concerned.size > 0) warn(changedText(next, root));
        else if (taken.reading === 'adopted') warn(`${changedText(next, root)}; no task has to run again`);
      } while (concerned.size === 0);
    }
  };
  const status = await end();
  stopHearing();
  plan.close();
  await processes.end();
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
