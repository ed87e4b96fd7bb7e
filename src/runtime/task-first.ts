/**
 * Runs a task before what follows from a change. One run of a task at a time: what changes meanwhile is for the next run, and
 * what waits for this one waits for that. After a failure nothing follows until the next change.
 */
export interface TaskFirstOptions<Act> {
  /** Undefined: there is nothing to do any more. */
  readonly run: (task: string, acts: readonly Act[]) => Promise<boolean> | undefined;
  readonly carryOut: (acts: readonly Act[]) => void;
  readonly merged: (acts: readonly Act[]) => readonly Act[];
  readonly isOver: () => boolean;
}

export function createTaskFirst<Act>(options: TaskFirstOptions<Act>) {
  /** By task that runs. */
  const later = new Map<string, Act[]>();

  return async function begin(task: string, acts: readonly Act[]): Promise<void> {
    const others = later.get(task);
    if (others !== undefined) return void others.push(...acts);
    for (let waiting = acts; waiting.length > 0;) {
      const together = options.merged(waiting);
      const news: Act[] = [];
      const run = options.run(task, together);
      if (run === undefined) return;
      later.set(task, news);
      const hasSucceeded = await run;
      later.delete(task);
      if (options.isOver()) return;
      waiting = news.length === 0 ? [] : [...together, ...news];
      if (news.length === 0 && hasSucceeded) options.carryOut(together);
    }
  };
}
