/** How `map` and `imap` hand their tasks to a pool. */
import type { Task } from '../../core/pool/tasks/state.ts';
import type { TaskOptions } from './options.ts';

export type Values<Value> = Iterable<Value> | AsyncIterable<Value>;

export type Submitted = Pick<Task, 'place'>;

/** Calls back once, possibly at once. A promise for each task would take longer than many tasks. */
export type SubmitTo = (
  value: unknown,
  options: TaskOptions,
  isChunk: boolean,
  resolve: (result: unknown) => void,
  reject: (reason: unknown) => void,
) => Submitted;
