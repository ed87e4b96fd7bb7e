import {
  newTasksState,
  type Task,
  type TasksEffect,
  type TasksEvent,
  type TasksSpec,
  type TasksState,
} from './state.ts';
import { stepTasks } from './step.ts';

export interface TasksDriver<T extends Task> {
  readonly state: TasksState<T>;
  /** Decides, and has performed what was decided: in its order, also where that brings further events. */
  readonly handle: (event: TasksEvent<T>) => void;
}

/** `now` in milliseconds. */
export function createTasksDriver<T extends Task>(
  spec: TasksSpec,
  now: () => number,
  perform: (effect: TasksEffect<T>) => void,
): TasksDriver<T> {
  const state = newTasksState<T>();
  let effects: TasksEffect<T>[] = [];
  return {
    state,
    handle(event) {
      stepTasks(spec, state, event, now(), effects);
      while (effects.length > 0) {
        const decided = effects;
        effects = [];
        for (const effect of decided) perform(effect);
      }
    },
  };
}
