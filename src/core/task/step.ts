/**
 * The machine of a run of tasks: what is looked up in the cache, started, tried again, stopped and kept, and when.
 *
 * A task is looked at when all that it needs has succeeded: what is found in the cache needs neither a slot nor a process.
 * Processes are asked for when the first task that needs them is next, and released with the last one. After a failure
 * nothing more is started, and what runs may end, as with make; with `continues` only what depends on it is left out. The
 * state is changed in place, and each event costs what it changes, however many tasks there are.
 */
import type { TaskEffect, TaskEvent } from './events.ts';
import { becomeReady, hold, holdFailed, looked, restored } from './prepare.ts';
import { close, settle } from './settle.ts';
import { attemptEnded, startWhatCan } from './start-tasks.ts';
import { taskState, type Step, type TaskRunSpec, type TasksState } from './state.ts';
import { stop, timerOver } from './stop.ts';
import { awaitsUses, taken } from './take.ts';

export function stepTasks(spec: TaskRunSpec, state: TasksState, event: TaskEvent): readonly TaskEffect[] {
  const effects: TaskEffect[] = [];
  if (state.phase === 'over') return effects;
  const step: Step = { spec, state, effects };
  take(step, event);
  for (let task = state.ready.pop(); task !== undefined; task = state.ready.pop()) becomeReady(step, task);
  startWhatCan(step);
  if (state.left === 0) {
    state.phase = 'over';
    effects.push({ type: 'end' });
  }
  return effects;
}

function take(step: Step, event: TaskEvent): void {
  const { state } = step;
  switch (event.type) {
    case 'begin':
      state.tasks.forEach(({ missing }, task) => {
        if (missing === 0) state.ready.push(task);
      });
      break;
    case 'looked':
      looked(step, event);
      break;
    case 'awaits': {
      const task = taskState(step, event.task);
      if (task.phase.is !== 'looking') break;
      task.phase = { is: 'awaiting' };
      state.looking -= 1;
      break;
    }
    case 'restored':
      restored(step, event.task, event.isWhole);
      break;
    case 'held':
      hold(step, event.key);
      break;
    case 'not-held':
      holdFailed(step, event.key, event.reason);
      break;
    case 'taken':
      taken(step, event.task);
      break;
    case 'awaits-uses':
      awaitsUses(step, event.task);
      break;
    case 'ended':
      if (isCurrent(step, event)) attemptEnded(step, event.task, { status: event.status });
      break;
    case 'refused':
      if (isCurrent(step, event)) attemptEnded(step, event.task, { status: REFUSED, reason: event.reason });
      break;
    case 'timer':
      if (isCurrent(step, event)) timerOver(step, event.task);
      break;
    case 'kept':
      if (taskState(step, event.task).phase.is === 'keeping') settle(step, event.task, { is: 'succeeded' });
      break;
    case 'output':
      state.outputIsFull = event.isFull;
      break;
    case 'stop':
      if (event.how === 'soon') close(step);
      else stop(step, event.how);
      break;
  }
}

/** As of a command that cannot be executed. */
const REFUSED = 126;

/** The event is not about an older run. */
function isCurrent(step: Step, { task, run }: { readonly task: number; readonly run: number }): boolean {
  const { phase, run: current } = taskState(step, task);
  return run === current && (phase.is === 'running' || phase.is === 'stopping');
}
