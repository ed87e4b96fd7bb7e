/** The tasks that watches run first: whether there are such tasks, and that what they make is no change. */
import type { WatchPlan } from '../core/plan/process-plan.ts';
import type { ProcessSettings } from '../core/plan/process-settings.ts';
import type { Problem } from '../core/problem.ts';
import type { TaskSettings } from '../core/task/settings.ts';
import { suggest } from '../text/suggest.ts';
import type { PlaceOf } from './yaml/value-path.ts';

/** `hasOthers`: the scripts of packages are tasks too, so a name that the file does not have may be one. */
export function withTasks(
  settings: readonly ProcessSettings[],
  tasks: readonly TaskSettings[],
  { hasOthers, placeOf, problems }: { hasOthers: boolean; placeOf: PlaceOf; problems: Problem[] },
): readonly ProcessSettings[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  return settings.map((one) => {
    const watch = watchIn(one);
    const name = watch?.task;
    if (watch === undefined || name === undefined) return one;
    if (!byName.has(name) && !hasOthers && !name.includes('#')) {
      const meant = suggest(name, [...byName.keys()]);
      problems.push({
        code: 'app-file-value',
        severity: 'error',
        message: `unknown task '${name}'`,
        place: placeOf(['processes', one.name, 'watch', 'run']),
        remedy: meant === undefined ? "define it below 'tasks'" : `did you mean '${meant}'?`,
      });
    }
    const made = outputsOf(name, byName, new Set());
    return made.length === 0 ? one : { ...one, watch: { ...watch, ignore: [...made, ...watch.ignore] } };
  });
}

const watchIn = ({ watch }: ProcessSettings): WatchPlan | undefined => (watch === 'off' ? undefined : watch);

/** With those of the tasks that it needs, as patterns relative to the root. */
function outputsOf(
  name: string,
  byName: ReadonlyMap<string, TaskSettings>,
  seen: Set<string>,
): readonly string[] {
  const task = byName.get(name);
  if (task === undefined || seen.has(name)) return [];
  seen.add(name);
  const directory = task.workingDir ?? '.';
  const own = (task.outputs ?? [])
    .filter((glob) => !glob.startsWith('!'))
    .map((glob) => `${directory}/${glob}`);
  return [...own, ...(task.needs ?? []).flatMap((need) => outputsOf(need.name, byName, seen))];
}
