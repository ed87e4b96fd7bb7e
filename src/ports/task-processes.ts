/** The processes that tasks need: those of a running supervisor, or started for the tasks. */
import type { ProcessNeed } from '../core/task/graph.ts';

export interface Held {
  /** It is stopped if it was started for us, and nobody else holds it. */
  release(): Promise<void>;
}

export interface TaskProcesses {
  /** Rejects with the reason that it failed, or when `signal` is aborted. */
  hold(name: string, until: ProcessNeed['until'], signal: AbortSignal): Promise<Held>;
  /** After all were released. */
  close(): Promise<void>;
}
