/** The processes that tasks need: asked for, waited for, and released. */
import type { TaskEvent } from '../../core/task/events.ts';
import { holdKey, type ProcessNeed, type TaskGraph } from '../../core/task/graph.ts';
import { messageOf } from '../../text/error-message.ts';
import type { Held, TaskProcesses } from '../../ports/task-processes.ts';

export interface Holds {
  hold(key: string): void;
  release(key: string): void;
  /** Resolves when all that were released are. */
  released(): Promise<void>;
}

export function createHolds(
  graph: TaskGraph,
  processes: TaskProcesses | undefined,
  take: (event: TaskEvent) => void,
): Holds {
  const needs = new Map<string, ProcessNeed>();
  for (const node of graph) for (const need of node.processes) needs.set(holdKey(need), need);
  const aborters = new Map<string, AbortController>();
  const held = new Map<string, Held>();
  const releases: Promise<void>[] = [];

  const ask = async (key: string, signal: AbortSignal): Promise<void> => {
    const need = needs.get(key);
    if (need === undefined || processes === undefined) {
      take({ type: 'not-held', key, reason: 'processes cannot be started here' });
      return;
    }
    try {
      const one = await processes.hold(need.name, need.until, signal);
      if (signal.aborted) {
        await one.release();
        return;
      }
      held.set(key, one);
      take({ type: 'held', key });
    } catch (error) {
      if (!signal.aborted) take({ type: 'not-held', key, reason: messageOf(error) });
    }
  };

  return {
    hold(key) {
      const aborter = new AbortController();
      aborters.set(key, aborter);
      releases.push(ask(key, aborter.signal));
    },
    release(key) {
      const one = held.get(key);
      if (one === undefined) aborters.get(key)?.abort();
      else releases.push(one.release().catch(() => undefined));
    },
    async released() {
      await Promise.all(releases);
      await processes?.close();
    },
  };
}
