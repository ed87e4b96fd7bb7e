/** Which tasks a change of files concerns. */
import { wants, watchRules, type WatchRules } from '../watch/scope.ts';
import type { TaskGraph } from './graph.ts';
import type { Task } from './task.ts';

export interface WatchedTasks {
  /** Of all tasks together: what is to be watched. */
  readonly rules: readonly WatchRules[];
  /** Indices of the tasks that read one of these files, and of all that depend on them. Files that tasks make concern none. */
  affected(files: readonly string[]): ReadonlySet<number>;
}

/** A task that declares no inputs may read everything in its directory. `excluded`: absolute, and never watched. */
export function watchedTasks(graph: TaskGraph, excluded: readonly string[]): WatchedTasks {
  const watched = graph.flatMap(({ task }, index) =>
    task.command === undefined ? [] : [{ index, rules: inputRules(task, excluded) }],
  );
  const outputs = graph.flatMap(({ task }) => outputRules(task));
  return {
    rules: watched.map(({ rules }) => rules),
    affected(files) {
      const given = files.filter((file) => !outputs.some((rules) => wants(rules, file)));
      const found = new Set<number>();
      for (const { index, rules } of watched) if (given.some((file) => wants(rules, file))) found.add(index);
      // What is added while it is iterated is visited too.
      for (const index of found) for (const dependent of graph[index]?.dependents ?? []) found.add(dependent);
      return found;
    },
  };
}

function inputRules({ inputs, workingDir }: Task, excluded: readonly string[]): WatchRules {
  const [paths, ignore] = parted(inputs ?? ['.']);
  return watchRules({ paths, ignore }, workingDir, excluded);
}

function outputRules({ outputs = [], workingDir }: Task): readonly WatchRules[] {
  const [paths, ignore] = parted(outputs);
  return paths.length === 0 ? [] : [watchRules({ paths, ignore }, workingDir)];
}

/** The globs, and those that take back. A path of its own is no name at any depth. */
function parted(globs: readonly string[]): readonly [paths: readonly string[], ignore: readonly string[]] {
  const paths = globs.filter((glob) => !glob.startsWith('!'));
  const ignore = globs.filter((glob) => glob.startsWith('!')).map((glob) => pathOf(glob.slice(1)));
  return [paths, ignore];
}

const pathOf = (glob: string): string => (glob.includes('/') ? glob : `./${glob}`);
