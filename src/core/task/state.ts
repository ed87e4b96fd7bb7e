/** The state of a run of tasks. It is changed in place by `stepTasks`: nobody else looks at it meanwhile. */
import { DueHeap } from '../exchange/queue/due-heap.ts';
import type { TaskEffect, TaskOutcome } from './events.ts';
import { holdKey, type TaskGraph } from './graph.ts';
import { newResources, type Resources } from './resources.ts';

export interface TaskRunSpec {
  readonly graph: TaskGraph;
  /** Commands at once. */
  readonly slots: number;
  /** After a failure everything is run that does not depend on it. */
  readonly continues: boolean;
  readonly caps: ReadonlyMap<string, number>;
  /** It has succeeded already, in an earlier run: nothing is done about it. */
  readonly isDone?: ((task: number) => boolean) | undefined;
  /** The cache is asked about it. */
  readonly looks: (task: number) => boolean;
}

/**
 *     waiting -> to-look -> looking (-> awaiting) -> restoring -----------------------> over
 *        |                     |                                                          ^
 *        +---------------------+-> holding -> to-take -> taking (-> lacking) -> queued    |
 *                                                                                 |       |
 *                                            running (-> stopping) -> keeping ----|-------+
 *
 * `waiting` for what it needs, `awaiting` the same task in another run, `holding`: for its processes, `to-take`: for room in the
 * caps of this run and its lock, `taking`: other runs are asked, `lacking`: they leave no room, `queued`: for a slot.
 */
export type TaskPhase =
  | {
      readonly is:
        | 'waiting'
        | 'to-look'
        | 'looking'
        | 'awaiting'
        | 'restoring'
        | 'to-take'
        | 'taking'
        | 'lacking'
        | 'queued'
        | 'keeping'
        | 'over';
    }
  | { readonly is: 'holding'; left: number }
  | { readonly is: 'running'; readonly slot: number }
  | {
      readonly is: 'stopping';
      readonly slot: number;
      readonly why: 'timeout' | 'stop';
      readonly rung: 'asked' | 'killed';
    };

export interface TaskState {
  phase: TaskPhase;
  /** Tasks that it needs and that have not succeeded. */
  missing: number;
  /** Runs are numbered: an event with an older number is late. */
  run: number;
  attempts: number;
  /** How often the cache was asked. */
  looks: number;
  /** Its result is to be kept, and others wait for it. */
  records: boolean;
  /** It has its part of caps and locks in this run. */
  uses: boolean;
  outcome: TaskOutcome | null;
}

export interface Hold {
  state: 'none' | 'asked' | 'held' | 'failed' | 'released';
  reason: string;
  /** Tasks that are not over and need it. */
  users: number;
  /** Of those, the ones for which it is all that is missing now. */
  readonly waiting: number[];
}

export interface TasksState {
  /** `closing`: nothing more is started; `stopping`: what runs is stopped as well. */
  phase: 'open' | 'closing' | 'stopping' | 'over';
  readonly tasks: readonly TaskState[];
  /** The one that was used last is used first, for its shell is there. */
  readonly idle: number[];
  /** Tasks with a command that runs. */
  readonly running: Set<number>;
  /** All that they need has succeeded, and nothing was done about it. A list instead of recursion: chains may be long. */
  readonly ready: number[];
  /** By height, the highest first. */
  readonly toLook: DueHeap;
  readonly toTake: DueHeap;
  readonly queued: DueHeap;
  readonly resources: Resources;
  readonly holds: ReadonlyMap<string, Hold>;
  /** A task that waits to have the terminal for itself, or has it. */
  alone: number | null;
  /** Whose results are put back when that one has ended. */
  readonly toRestore: number[];
  looking: number;
  restoring: number;
  /** Tasks that have or ask for caps and locks, and do not run yet: what they have lies idle. */
  taking: number;
  /** Tasks that are ours to run by the cache, and do not run yet, but those that are `lacking`: others wait for them. */
  claimed: number;
  left: number;
  outputIsFull: boolean;
  /** The first that failed. */
  failed: number | null;
}

/** What one event does. */
export interface Step {
  readonly spec: TaskRunSpec;
  readonly state: TasksState;
  readonly effects: TaskEffect[];
}

export function newTasksState({ graph, slots, caps }: TaskRunSpec): TasksState {
  const holds = new Map<string, Hold>();
  for (const { processes } of graph)
    for (const need of processes) {
      const hold = holds.get(holdKey(need));
      if (hold === undefined) holds.set(holdKey(need), { state: 'none', reason: '', users: 1, waiting: [] });
      else hold.users += 1;
    }
  return {
    phase: 'open',
    tasks: graph.map(({ needs }): TaskState => ({
      ...{
        phase: { is: 'waiting' },
        missing: needs.length,
        run: 0,
        attempts: 0,
        looks: 0,
        records: false,
        uses: false,
        outcome: null,
      },
    })),
    idle: Array.from({ length: slots }, (_, index) => slots - index),
    running: new Set(),
    ready: [],
    toLook: new DueHeap(),
    toTake: new DueHeap(),
    queued: new DueHeap(),
    resources: newResources(graph, caps),
    holds,
    ...{ alone: null, toRestore: [], looking: 0, restoring: 0, taking: 0, claimed: 0, left: graph.length },
    ...{ outputIsFull: false, failed: null },
  };
}

/** The higher, the earlier. */
export const priorityOf = ({ graph }: TaskRunSpec, task: number): number => -(graph[task]?.height ?? 0);

export function taskState({ state }: Step, task: number): TaskState {
  const found = state.tasks[task];
  if (found === undefined) throw new Error(`no task ${String(task)}`);
  return found;
}
