/** The tasks that wait for a worker, and how one is settled or tried again. */
import type { Outcome, Task, TasksEffect, TasksState } from './state.ts';

export function enqueue<T extends Task>(state: TasksState<T>, task: T): void {
  task.place = 'waiting';
  state.waiting.push(task);
  state.waitingCount += 1;
}

/** In their order, before all others. */
export function giveBack<T extends Task>(state: TasksState<T>, tasks: readonly T[]): void {
  for (const task of tasks) task.place = 'waiting';
  state.waiting = [...tasks, ...state.waiting.slice(state.head)];
  state.head = 0;
  state.waitingCount += tasks.length;
}

export function nextWaiting<T extends Task>(state: TasksState<T>): T | undefined {
  while (state.head < state.waiting.length) {
    const task = state.waiting[state.head];
    state.waiting[state.head] = undefined;
    state.head += 1;
    if (state.head > 1024 && 2 * state.head > state.waiting.length) {
      state.waiting = state.waiting.slice(state.head);
      state.head = 0;
    }
    if (task?.place !== 'waiting') continue;
    state.waitingCount -= 1;
    return task;
  }
  state.waiting = [];
  state.head = 0;
  return undefined;
}

export function settle<T extends Task>(task: T, outcome: Outcome, effects: TasksEffect<T>[]): void {
  if (task.place === 'settled') return;
  task.place = 'settled';
  effects.push({ do: 'settle', task, outcome });
}

/** It is tried again, if it may be. */
export function fail<T extends Task>(
  state: TasksState<T>,
  task: T,
  outcome: Outcome,
  effects: TasksEffect<T>[],
): void {
  if (task.place === 'settled') return;
  if (task.retries <= 0 || state.phase === 'ending') return settle(task, outcome, effects);
  task.retries -= 1;
  giveBack(state, [task]);
}
