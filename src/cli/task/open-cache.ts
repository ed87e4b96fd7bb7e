/** Opens the user's cache of tasks. A chunk of its own: a run in which nothing can be cached does without it. */
import { openTaskCache } from '../../os/tasks/cache.ts';
import { cacheSettings } from '../../os/tasks/settings.ts';
import type { TaskCache } from '../../ports/task-cache.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';

export function openCache(io: Io): TaskCache {
  const { directory, bounds, problems } = cacheSettings(io.env);
  io.stderr(problemsText(problems, io.paint));
  return openTaskCache({ directory, bounds });
}
