/**
 * Caps and locks before a command: first those of this run (`resources.ts`), then other runs and the supervisor are asked. Who waits
 * for them has no slot, so that other tasks are run meanwhile; what lies idle is no more than can be started next.
 */
import { alsoAt, giveBack, takeOrPark, usesOf } from './resources.ts';
import { priorityOf, taskState, type Step } from './state.ts';

/** It has all but a slot, and comes to its turn before those that have taken nothing. */
const FIRST = -Infinity;

export function enqueue(step: Step, index: number): void {
  const { spec, state } = step;
  const hasUses = usesOf(state.resources, index).length > 0;
  taskState(step, index).phase = { is: hasUses ? 'to-take' : 'queued' };
  if (hasUses) toTake(step, [index]);
  else state.queued.push(priorityOf(spec, index), index);
}

/** Those that were parked may be over by now. */
function toTake({ spec, state }: Step, tasks: readonly number[]): void {
  for (const index of tasks) state.toTake.push(priorityOf(spec, index), index);
}

export function takeWhatCan(step: Step): void {
  const { spec, state, effects } = step;
  while (state.alone === null && state.taking < spec.slots) {
    const index = state.toTake.pop();
    if (index === undefined) return;
    const task = taskState(step, index);
    if (task.phase.is !== 'to-take') continue;
    const taking = takeOrPark(state.resources, index, priorityOf(spec, index));
    if (!taking.taken) {
      toTake(step, taking.instead);
      continue;
    }
    task.phase = { is: 'taking' };
    task.uses = true;
    state.taking += 1;
    effects.push({ type: 'take', task: index });
    toTake(step, alsoAt(state.resources, index));
  }
}

export function taken(step: Step, index: number): void {
  const { state } = step;
  const task = taskState(step, index);
  if (task.phase.is !== 'taking' && task.phase.is !== 'lacking') return;
  if (task.phase.is === 'lacking') count(step, index, 1);
  task.phase = { is: 'queued' };
  state.queued.push(FIRST, index);
}

/** What waits for other runs keeps none of ours from being looked at. */
export function awaitsUses(step: Step, index: number): void {
  const task = taskState(step, index);
  if (task.phase.is !== 'taking') return;
  task.phase = { is: 'lacking' };
  count(step, index, -1);
}

function count(step: Step, index: number, by: number): void {
  step.state.taking += by;
  if (taskState(step, index).records) step.state.claimed += by;
}

/** Its command runs, or never will: before its phase says so. */
export function tookItsTurn(step: Step, index: number): void {
  const { state } = step;
  const { phase, records, uses } = taskState(step, index);
  if (phase.is === 'lacking') return;
  if (records) state.claimed -= 1;
  if (uses) state.taking -= 1;
}

export function giveBackUses(step: Step, index: number): void {
  const task = taskState(step, index);
  if (!task.uses) return;
  task.uses = false;
  step.effects.push({ type: 'give-back', task: index });
  toTake(step, giveBack(step.state.resources, index));
}
