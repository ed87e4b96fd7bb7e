/** Caps and locks that other runs use as well: asked for, waited for, and given back. */
import type { TaskEvent } from '../../core/task/events.ts';
import type { TaskGraph } from '../../core/task/graph.ts';
import type { Use } from '../../core/task/resources.ts';
import { messageOf } from '../../text/error-message.ts';
import type { TakenUses, TaskUses } from '../../ports/task-uses.ts';
import type { TaskSink } from './outputs.ts';

export interface Uses {
  take(task: number): void;
  giveBack(task: number): void;
  /** Resolves when nothing is asked for any more. */
  settled(): Promise<void>;
}

export interface UsesOptions {
  readonly graph: TaskGraph;
  readonly usesOf: (task: number) => readonly Use[];
  /** Undefined: nobody else uses them. */
  readonly shared: TaskUses | undefined;
  readonly sinkOf: (task: number) => Pick<TaskSink, 'note'>;
  readonly take: (event: TaskEvent) => void;
  readonly warn: (text: string) => void;
}

export function createUses({ graph, usesOf, shared, sinkOf, take, warn }: UsesOptions): Uses {
  const asked = new Map<number, { readonly aborter: AbortController; held: TakenUses | undefined }>();
  const pending = new Set<Promise<void>>();

  const ask = async (task: number, one: NonNullable<ReturnType<(typeof asked)['get']>>): Promise<void> => {
    const { signal } = one.aborter;
    const name = graph[task]?.task.name ?? '';
    const onWait = (why: string): void => {
      sinkOf(task).note(why);
      take({ type: 'awaits-uses', task });
    };
    try {
      const onNote = (text: string): void => sinkOf(task).note(text);
      const held = await shared?.take({ task: name, uses: usesOf(task), signal, onWait, onNote });
      if (isAborted(signal)) {
        held?.release();
        return;
      }
      one.held = held;
    } catch (error) {
      if (isAborted(signal)) return;
      warn(`cannot share the caps and the lock of '${name}' with other runs: ${messageOf(error)}`);
    }
    take({ type: 'taken', task });
  };

  return {
    take(task) {
      if (shared === undefined) {
        take({ type: 'taken', task });
        return;
      }
      const one = { aborter: new AbortController(), held: undefined };
      asked.set(task, one);
      const own = ask(task, one).finally(() => pending.delete(own));
      pending.add(own);
    },
    giveBack(task) {
      const one = asked.get(task);
      asked.delete(task);
      one?.aborter.abort();
      one?.held?.release();
    },
    async settled() {
      await Promise.all(pending);
      shared?.close();
    },
  };
}

/** It may be by now, which the compiler does not see. */
const isAborted = ({ aborted }: AbortSignal): boolean => aborted;
