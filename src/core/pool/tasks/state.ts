/** What a pool of long-lived workers knows. It is changed in place: a task costs the machine a microsecond, no more. */
import type { PublicExit } from '../../process/public-exit.ts';

export interface TasksSpec {
  /** Most workers that it starts itself; 0: somebody else starts all of them, and tells of each by `arrived`. */
  readonly size: number;
  /** A worker that was given so many tasks is replaced; Infinity: never. */
  readonly recycleAfter: number;
  /** A worker that has nothing to do for so long is ended; Infinity: never. */
  readonly idleMs: number;
  /** Most tasks that a worker is given at once, 1 or more. */
  readonly mostAhead: number;
}

/** So many deaths in a row, without a result between them, end the pool. */
export const MOST_DEATHS = 5;
/** Before the replacement after the second death in a row; doubled with each further one. */
export const FIRST_BACKOFF_MS = 100;
/** A worker is given more than one task only as far as it is done with all of them so soon. */
export const AHEAD_MS = 10;

/** What the shell hands in, and gets back in effects. */
export interface Task {
  /** How often it may still be tried again. */
  retries: number;
  /** From its beginning on; Infinity: no limit. */
  readonly timeoutMs: number;
  /** Its worker may be killed for it: it has a timeout, or can be aborted. */
  readonly alone: boolean;
  /** Of the machine: where it is. */
  place: 'new' | 'waiting' | 'given' | 'settled';
  worker: number;
}

export type WorkerPhase = 'starting' | 'ready' | 'ending' | 'killed';

export interface Worker<T extends Task> {
  readonly id: number;
  phase: WorkerPhase;
  /** In the order in which it carries them out: the first one is begun. */
  readonly given: T[];
  /** How many it was given in its life. */
  taken: number;
  /** When the first of `given` began. */
  begunMs: number;
  /** It gets no more, and ends when it has done what it was given. */
  leaving: boolean;
  /** It has been given as many as it may have, and gets more when half of them are done. */
  isFull: boolean;
  /** Why we have killed it, and for which task: that one is settled already or is to be tried again. */
  killedFor: T | null;
}

export type PoolPhase =
  /** Takes tasks. */
  | 'open'
  /** Takes no more; ends when all are done. */
  | 'draining'
  /** Has failed or was terminated; ends when the workers are gone. */
  | 'ending'
  | 'ended';

export interface TasksState<T extends Task> {
  phase: PoolPhase;
  readonly workers: Map<number, Worker<T>>;
  /** From `head` on; those that are settled meanwhile are passed over. */
  waiting: (T | undefined)[];
  head: number;
  /** Of `waiting`, without those. */
  waitingCount: number;
  lastWorker: number;
  deathsInRow: number;
  /** Nothing is started before this. */
  startAfterMs: number;
  /** How long a task takes, as it has been of late; NaN: not known. */
  taskMs: number;
}

export const newTasksState = <T extends Task>(): TasksState<T> => ({
  phase: 'open',
  workers: new Map(),
  ...{ waiting: [], head: 0, waitingCount: 0, lastWorker: 0 },
  ...{ deathsInRow: 0, startAfterMs: 0, taskMs: NaN },
});

export type TasksEvent<T extends Task> =
  | { readonly type: 'submit'; readonly task: T }
  | { readonly type: 'ready'; readonly worker: number }
  /** Somebody else has started a worker. Its number is new, and it can be given tasks. */
  | { readonly type: 'arrived'; readonly worker: number }
  /** Or could not start one, which counts as a death. */
  | { readonly type: 'not-started'; readonly exit: PublicExit }
  /** The first of those that it was given is done. `failed`: it threw. */
  | { readonly type: 'result'; readonly worker: number; readonly failed: boolean }
  | {
      readonly type: 'exited';
      readonly worker: number;
      readonly exit: PublicExit;
      readonly reason: unknown;
      /** It was stopped from outside the pool: its task fails, but this does not count as one of its deaths. */
      readonly wasStopped?: boolean;
    }
  /** It takes too much memory, or is being stopped: it gets no more. */
  | { readonly type: 'recycle'; readonly worker: number }
  /** Nobody wants its result any more. */
  | { readonly type: 'abort'; readonly task: T }
  /** The first task of this worker has timed out, if it is still this one. */
  | { readonly type: 'timeout'; readonly worker: number; readonly task: T }
  | { readonly type: 'idle'; readonly worker: number }
  /** The time of the back-off is over. */
  | { readonly type: 'start' }
  /** No worker will come for those that wait: they are settled as `closed`. It goes on taking tasks. */
  | { readonly type: 'drop-waiting' }
  | { readonly type: 'close' }
  | { readonly type: 'terminate' };

export type Outcome =
  /** The shell has the result. */
  | { readonly kind: 'result' }
  | { readonly kind: 'thrown' }
  | { readonly kind: 'died'; readonly exit: PublicExit }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'terminated' }
  /** The pool has failed, or takes no tasks. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'closed' };

export type TasksEffect<T extends Task> =
  | { readonly do: 'start'; readonly worker: number }
  | { readonly do: 'give'; readonly worker: number; readonly task: T }
  | { readonly do: 'settle'; readonly task: T; readonly outcome: Outcome }
  | { readonly do: 'kill'; readonly worker: number }
  /** It has nothing to do: it may end by itself. */
  | { readonly do: 'end'; readonly worker: number }
  | { readonly do: 'timeout'; readonly worker: number; readonly task: T; readonly ms: number }
  | { readonly do: 'idle'; readonly worker: number; readonly ms: number }
  | { readonly do: 'start-later'; readonly ms: number }
  /** `exit`: of the last worker that died. */
  | { readonly do: 'failed'; readonly exit: PublicExit; readonly reason: unknown }
  | { readonly do: 'ended' };
