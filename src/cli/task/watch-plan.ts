/**
 * What `procsup task --watch` runs: the plan of the files that are right, read again when one of them changes. While they
 * have errors the last plan goes on. Files that were read count whether or not what they said was right: so the correction
 * is seen as well.
 */
import { changedFiles } from '../../config/read-files.ts';
import { watchedTasks, type WatchedTasks } from '../../core/task/affected.ts';
import { changedTasks, type TaskPlan } from '../../core/task/replan.ts';
import { namesOf } from '../../core/watch/pattern.ts';
import { wants, watchRules, type WatchRules } from '../../core/watch/scope.ts';
import type { FilesWatch } from '../../runtime/task/watch-files.ts';
import type { Sources, TaskRun } from './read-run.ts';

export interface WatchPlanOptions {
  /** Its errors are told. */
  readonly read: () => Promise<{ readonly run: TaskRun | undefined; readonly sources: Sources }>;
  readonly watch: (rules: readonly WatchRules[]) => FilesWatch;
  /** Before the tasks of another plan are run. */
  readonly adopted: (run: TaskRun) => Promise<void>;
  /** What was found changed on the way. */
  readonly changed: (files: readonly string[]) => void;
}

export interface WatchPlan {
  readonly run: () => TaskRun;
  /** Everything is watched. */
  readonly ready: () => Promise<void>;
  /** Indices of the tasks that a change of these files concerns. `good`: names of those that have succeeded. */
  take(files: readonly string[], good: ReadonlySet<string>): Promise<Taken>;
  close(): void;
}

export interface Taken {
  readonly concerned: ReadonlySet<number>;
  /** `refused`: the plan in the files has errors. */
  readonly reading: 'none' | 'adopted' | 'refused';
}

export function createWatchPlan(first: TaskRun, options: WatchPlanOptions): WatchPlan {
  const { root } = first.loaded;
  let run = first;
  let { sources } = first;
  let watched: WatchedTasks = watchedTasks(run.graph, []);
  let sourceRules = rulesOf(sources, root);
  let watching = [...watched.rules, ...sourceRules];
  let files = options.watch(watching);

  /** The new watch begins before the old one ends, so that nothing is missed between. */
  const rewatch = async (): Promise<void> => {
    watched = watchedTasks(run.graph, []);
    sourceRules = rulesOf(sources, root);
    const rules = [...watched.rules, ...sourceRules];
    if (JSON.stringify(rules) === JSON.stringify(watching)) return;
    const before = files;
    watching = rules;
    files = options.watch(rules);
    await files.ready;
    options.changed(before.close());
  };

  const reread = async (good: ReadonlySet<string>): Promise<Taken> => {
    const next = await options.read();
    if (next.run === undefined) {
      sources = joined(run.sources, next.sources);
      await rewatch();
      return { concerned: new Set(), reading: 'refused' };
    }
    const concerned = changedTasks(planOf(run), planOf(next.run), good);
    ({ run, sources } = next as { run: TaskRun; sources: Sources });
    await rewatch();
    await options.adopted(run);
    return { concerned, reading: 'adopted' };
  };

  /** A file may have been edited after it was read, and before it was watched. */
  const isOutdated = async (): Promise<boolean> => (await changedFiles(sources.files, root)).length > 0;

  return {
    run: () => run,
    async ready() {
      await files.ready;
      if (await isOutdated()) options.changed(sources.files.map(({ path }) => path));
    },
    async take(changed, good) {
      const isSource = changed.some((file) => sourceRules.some((rules) => wants(rules, file)));
      let taken: Taken = { concerned: new Set(), reading: 'none' };
      if (isSource) {
        taken = await reread(good);
        if (await isOutdated()) options.changed(sources.files.map(({ path }) => path));
      }
      const concerned = [...taken.concerned, ...watched.affected(changed)];
      return {
        concerned: new Set(concerned.filter((index) => run.graph[index]?.task.command !== undefined)),
        reading: taken.reading,
      };
    },
    close: () => void files.close(),
  };
}

const planOf = ({ graph, argsOf, loaded: { environment } }: TaskRun): TaskPlan => ({
  ...{ graph, argsOf, environment },
});

/** A file is watched in its directory, so that its removal is told at once and not held until it is back. */
const rulesOf = ({ files, globs }: Sources, root: string): readonly WatchRules[] => [
  {
    patterns: files.map(({ path }) => {
      const names = namesOf(path);
      return { names, globFrom: names.length - 1 };
    }),
    ignored: [],
  },
  ...(globs.length === 0 ? [] : [watchRules({ paths: globs, ignore: [] }, root)]),
];

/** The later ones count, for what they contain was read last. */
function joined(earlier: Sources, later: Sources): Sources {
  const files = new Map([...earlier.files, ...later.files].map((file) => [file.path, file]));
  return { files: [...files.values()], globs: [...new Set([...earlier.globs, ...later.globs])] };
}
