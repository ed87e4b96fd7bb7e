/** Which tasks the words of a command line mean, and what those need. */
import { isGlob, matchesGlob } from '../../text/glob.ts';
import { suggest } from '../../text/suggest.ts';
import { hasErrors, type Checked, type Problem } from '../problem.ts';
import { graphOf, listed, type TaskGraph } from './graph.ts';
import type { Task } from './task.ts';

export interface SelectedTasks {
  readonly graph: TaskGraph;
  /** Those that were named themselves, in the order in which they were named. */
  readonly named: readonly string[];
}

/** The words are names or patterns (`lint*`). The tasks have no problems. Problem: `task-unknown`. */
export function selectTasks(tasks: readonly Task[], words: readonly string[]): Checked<SelectedTasks> {
  const names = tasks.map(({ name }) => name);
  const named = new Set<string>();
  const problems: Problem[] = [];
  for (const word of new Set(words)) {
    const found = isGlob(word) ? names.filter((name) => matchesGlob(word, name)) : [];
    if (names.includes(word)) named.add(word);
    else if (found.length > 0) for (const name of found) named.add(name);
    else problems.push(unknownTask(word, names));
  }
  if (hasErrors(problems)) return { value: undefined, problems };
  return { value: { graph: graphOf(withNeeds(tasks, named)), named: [...named] }, problems };
}

export function unknownTask(word: string, names: readonly string[]): Problem {
  const meant = isGlob(word) ? undefined : suggest(word, names);
  const known =
    names.length === 0
      ? "add it to 'tasks' of procsup.yaml, or to 'scripts' of package.json"
      : `known tasks: ${listed(names)}`;
  return {
    code: 'task-unknown',
    severity: 'error',
    message: isGlob(word) ? `no task matches '${word}'` : `unknown task '${word}'`,
    remedy: meant === undefined ? known : `did you mean '${meant}'?`,
  };
}

function withNeeds(tasks: readonly Task[], named: ReadonlySet<string>): readonly Task[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const all = new Set(named);
  // What is added while it is iterated is visited too.
  for (const name of all)
    for (const need of byName.get(name)?.needs ?? []) if (need.kind === 'task') all.add(need.name);
  return [...all].flatMap((name) => byName.get(name) ?? []);
}
