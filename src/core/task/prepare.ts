/** What happens to a task before its command: the cache is asked, and its processes are waited for. */
import type { TaskEvent } from './events.ts';
import { holdKey } from './graph.ts';
import { settle, settleAll } from './settle.ts';
import { priorityOf, taskState, type Step } from './state.ts';
import { enqueue } from './take.ts';

/** All that it needs has succeeded. */
export function becomeReady(step: Step, index: number): void {
  const { spec, state } = step;
  const task = taskState(step, index);
  if (state.phase !== 'open' || task.phase.is !== 'waiting') return;
  if (spec.graph[index]?.task.command === undefined || spec.isDone?.(index) === true)
    return settle(step, index, { is: 'succeeded' });
  if (spec.looks(index)) lookAt(step, index);
  else holdProcesses(step, index);
}

function lookAt({ spec, state }: Step, index: number): void {
  const task = state.tasks[index];
  if (task === undefined) return;
  task.phase = { is: 'to-look' };
  state.toLook.push(priorityOf(spec, index), index);
}

/** A damaged result is gone afterwards. One that cannot be put back either is run without the cache. */
const MOST_LOOKS = 2;

export function looked(step: Step, event: Extract<TaskEvent, { type: 'looked' }>): void {
  const { state } = step;
  const index = event.task;
  const task = taskState(step, index);
  // It was cancelled meanwhile: what the cache has given is given back where it was asked for.
  if (task.phase.is !== 'looking' && task.phase.is !== 'awaiting') return;
  if (task.phase.is === 'looking') state.looking -= 1;
  switch (event.found) {
    case 'kept':
      restore(step, index);
      break;
    case 'joined':
      settle(step, index, { is: 'failed', status: event.status, why: 'joined' });
      break;
    case 'run':
      task.records = true;
      state.claimed += 1;
      holdProcesses(step, index);
      break;
    case 'none':
      holdProcesses(step, index);
      break;
  }
}

/** Its output is printed by that: not while another task has the terminal. */
function restore(step: Step, index: number): void {
  const { state, effects } = step;
  taskState(step, index).phase = { is: 'restoring' };
  if (state.alone !== null && state.running.has(state.alone)) {
    state.toRestore.push(index);
    return;
  }
  state.restoring += 1;
  effects.push({ type: 'restore', task: index });
}

/** The task that had the terminal has ended. */
export function restoreWhatWaits(step: Step): void {
  const { state } = step;
  for (const index of state.toRestore.splice(0)) restore(step, index);
}

export function restored(step: Step, index: number, isWhole: boolean): void {
  const { state } = step;
  if (taskState(step, index).phase.is !== 'restoring') return;
  state.restoring -= 1;
  if (isWhole) settle(step, index, { is: 'cached' });
  else if (state.phase !== 'open') settle(step, index, { is: 'not-run' });
  else if (taskState(step, index).looks < MOST_LOOKS) lookAt(step, index);
  else holdProcesses(step, index);
}

function holdProcesses(step: Step, index: number): void {
  const { spec, state, effects } = step;
  let left = 0;
  for (const need of spec.graph[index]?.processes ?? []) {
    const key = holdKey(need);
    const hold = state.holds.get(key);
    if (hold === undefined || hold.state === 'held') continue;
    if (hold.state === 'failed') return withoutProcess(step, index, hold.reason);
    if (hold.state === 'none') {
      hold.state = 'asked';
      effects.push({ type: 'hold', key });
    }
    left += 1;
    hold.waiting.push(index);
  }
  if (left === 0) enqueue(step, index);
  else taskState(step, index).phase = { is: 'holding', left };
}

export function hold(step: Step, key: string): void {
  const found = step.state.holds.get(key);
  if (found?.state !== 'asked') return;
  found.state = 'held';
  for (const index of found.waiting.splice(0)) {
    const { phase } = taskState(step, index);
    if (phase.is !== 'holding') continue;
    phase.left -= 1;
    if (phase.left === 0) enqueue(step, index);
  }
}

export function holdFailed(step: Step, key: string, reason: string): void {
  const found = step.state.holds.get(key);
  if (found?.state !== 'asked') return;
  found.state = 'failed';
  found.reason = reason;
  const waiting = found.waiting.splice(0).filter((index) => taskState(step, index).phase.is === 'holding');
  settleAll(step, waiting, { is: 'failed', status: 1, why: 'process', reason });
}

function withoutProcess(step: Step, index: number, reason: string): void {
  settle(step, index, { is: 'failed', status: 1, why: 'process', reason });
}
