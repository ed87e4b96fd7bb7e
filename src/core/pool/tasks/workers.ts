/** Which workers are started, what each of them is given, and how it ends. */
import { nextWaiting } from './queue.ts';
import {
  AHEAD_MS,
  type Task,
  type TasksEffect,
  type TasksSpec,
  type TasksState,
  type Worker,
} from './state.ts';

export function kill<T extends Task>(worker: Worker<T>, task: T | null, effects: TasksEffect<T>[]): void {
  if (worker.phase === 'killed') return;
  worker.phase = 'killed';
  worker.killedFor = task;
  effects.push({ do: 'kill', worker: worker.id });
}

export function endIfDone<T extends Task>(worker: Worker<T>, effects: TasksEffect<T>[]): void {
  if (!worker.leaving || worker.phase !== 'ready' || worker.given.length > 0) return;
  worker.phase = 'ending';
  effects.push({ do: 'end', worker: worker.id });
}

/**
 * To the one that has least to do. One that has as many as it may have gets more when half of them are done: so one write
 * carries many, and it never runs dry.
 */
export function giveAll<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  const ahead = Math.floor(AHEAD_MS / state.taskMs) || 1;
  const most = Math.max(1, Math.min(spec.mostAhead, ahead));
  while (state.waitingCount > 0) {
    const worker = leastBusy(state, most);
    const task = worker && nextWaiting(state);
    if (worker === undefined || task === undefined) return;
    give(spec, worker, task, nowMs, effects);
    worker.isFull = worker.given.length >= most;
  }
}

function leastBusy<T extends Task>(state: TasksState<T>, most: number): Worker<T> | undefined {
  let least: Worker<T> | undefined;
  for (const worker of state.workers.values()) {
    if (worker.phase !== 'ready' || worker.leaving) continue;
    if (worker.given.length >= (worker.isFull ? (most >> 1) + 1 : most)) continue;
    // A task that its worker may be killed for has nothing behind it, which would be carried out twice then.
    if (worker.given.at(-1)?.alone === true) continue;
    if (least === undefined || worker.given.length < least.given.length) least = worker;
  }
  return least;
}

function give<T extends Task>(
  spec: TasksSpec,
  worker: Worker<T>,
  task: T,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  task.place = 'given';
  task.worker = worker.id;
  worker.given.push(task);
  worker.taken += 1;
  if (worker.taken >= spec.recycleAfter) worker.leaving = true;
  effects.push({ do: 'give', worker: worker.id, task });
  if (worker.given.length > 1) return;
  worker.begunMs = nowMs;
  watchTime(worker, effects);
}

export function watchTime<T extends Task>(worker: Worker<T>, effects: TasksEffect<T>[]): void {
  const task = worker.given[0];
  if (task?.place === 'settled') return kill(worker, task, effects);
  if (task === undefined || task.timeoutMs === Infinity) return;
  effects.push({ do: 'timeout', worker: worker.id, task, ms: task.timeoutMs });
}

export function watchIdle<T extends Task>(
  spec: TasksSpec,
  worker: Worker<T>,
  effects: TasksEffect<T>[],
): void {
  if (spec.idleMs === Infinity || worker.phase !== 'ready') return;
  effects.push({ do: 'idle', worker: worker.id, ms: spec.idleMs });
}

/** As many as there is work for. */
export function startMissing<T extends Task>(
  spec: TasksSpec,
  state: TasksState<T>,
  nowMs: number,
  effects: TasksEffect<T>[],
): void {
  if (state.waitingCount === 0 || state.phase === 'ending' || nowMs < state.startAfterMs) return;
  if (state.workers.size >= spec.size) return;
  let starting = 0;
  for (const { phase } of state.workers.values()) if (phase === 'starting') starting += 1;
  while (state.workers.size < spec.size && starting < state.waitingCount) {
    starting += 1;
    const id = (state.lastWorker += 1);
    state.workers.set(id, {
      ...{ id, phase: 'starting', given: [], taken: 0, begunMs: nowMs },
      ...{ leaving: false, isFull: false, killedFor: null },
    });
    effects.push({ do: 'start', worker: id });
    // After deaths one alone has to show that it is worth it.
    if (state.deathsInRow > 0) return;
  }
}
