/** Processes that stay up between two runs of tasks, whatever becomes of the tasks. */
import type { ProcessNeed } from '../../core/task/graph.ts';
import { holdKey } from '../../core/task/graph.ts';
import type { Held, TaskProcesses } from '../../ports/task-processes.ts';
import type { HeldProcesses } from './held-processes.ts';

export interface KeptProcesses extends TaskProcesses {
  /** The files have another plan: what it does not need is released, what is new in it can be held. */
  replan(needs: readonly ProcessNeed[]): Promise<void>;
  /** Releases all. */
  end(): Promise<void>;
}

/** `open` is called for the first process that is held. */
export function keepProcesses(open: () => Promise<HeldProcesses | undefined>): KeptProcesses {
  const held = new Map<string, Promise<Held>>();
  let opening: Promise<HeldProcesses | undefined> | undefined;

  const ask: TaskProcesses['hold'] = async (...order) => {
    const processes = await (opening ??= open());
    if (processes === undefined) throw new Error('processes cannot be started here');
    return processes.hold(...order);
  };

  return {
    async hold(name, until, signal) {
      const key = holdKey({ name, until });
      const asked = held.get(key) ?? ask(name, until, signal);
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
    async replan(needs) {
      const wanted = new Set(needs.map(holdKey));
      const unneeded = [...held].filter(([key]) => !wanted.has(key));
      for (const [key] of unneeded) held.delete(key);
      await Promise.all(unneeded.map(async ([, one]) => (await one).release()));
      // Last, so that nothing is stopped for its removal that is to be released.
      await (await opening)?.reread();
    },
    async end() {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
