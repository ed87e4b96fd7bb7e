/** Starts what can be started, and decides what becomes of an attempt that has ended. */
import { STATUS } from '../process/exit.ts';
import { restoreWhatWaits } from './prepare.ts';
import { settle } from './settle.ts';
import { taskState, type Step } from './state.ts';
import { enqueue, giveBackUses, takeWhatCan, tookItsTurn } from './take.ts';

/** They read files, and cost no more than that. */
const MOST_LOOKS = 16;

export function startWhatCan(step: Step): void {
  const { state } = step;
  if (state.phase !== 'open' || state.outputIsFull) return;
  startQueued(step);
  takeWhatCan(step);
  look(step);
}

/** Tasks that are ours to run are not collected beyond the slots: other runs wait for them. */
function look({ spec, state, effects }: Step): void {
  while (state.toLook.size > 0 && state.looking < MOST_LOOKS && state.claimed < spec.slots) {
    const index = state.toLook.pop();
    const task = index === undefined ? undefined : state.tasks[index];
    if (index === undefined || task?.phase.is !== 'to-look') continue;
    task.phase = { is: 'looking' };
    task.looks += 1;
    state.looking += 1;
    effects.push({ type: 'look', task: index, isAgain: task.looks > 1 });
  }
}

function startQueued(step: Step): void {
  const { spec, state } = step;
  if (state.alone !== null) return startAlone(step, state.alone);
  while (state.idle.length > 0) {
    const index = state.queued.pop();
    if (index === undefined) return;
    if (taskState(step, index).phase.is !== 'queued') continue;
    if (spec.graph[index]?.task.interactive === true) {
      // Nothing is started before it: else it would never have the terminal for itself.
      state.alone = index;
      return startAlone(step, index);
    }
    start(step, index, state.idle.pop() ?? 0);
  }
}

function startAlone(step: Step, index: number): void {
  const { state } = step;
  if (state.running.size === 0 && state.restoring === 0) start(step, index, 0);
}

function start(step: Step, index: number, slot: number): void {
  const { spec, state, effects } = step;
  const task = taskState(step, index);
  tookItsTurn(step, index);
  task.phase = { is: 'running', slot };
  task.run += 1;
  task.attempts += 1;
  state.running.add(index);
  effects.push({ type: 'start', task: index, run: task.run, slot });
  const ms = spec.graph[index]?.task.timeoutMs;
  if (ms !== undefined) effects.push({ type: 'set-timer', task: index, run: task.run, ms });
}

/** `reason`: it could not be started. */
export function attemptEnded(
  step: Step,
  index: number,
  { status, reason }: { readonly status: number; readonly reason?: string },
): void {
  const { spec, state, effects } = step;
  const task = taskState(step, index);
  const { phase } = task;
  if (phase.is !== 'running' && phase.is !== 'stopping') return;
  const node = spec.graph[index]?.task;
  if (phase.is === 'stopping' || node?.timeoutMs !== undefined)
    effects.push({ type: 'clear-timer', task: index });
  free(step, index, phase.slot);

  const stopped = phase.is === 'stopping' ? phase.why : null;
  // What it has made by then may be half of it, whatever it says.
  if (stopped === 'stop') return settle(step, index, { is: 'stopped' });
  if (status === 0 && stopped === null) {
    if (!task.records) return settle(step, index, { is: 'succeeded' });
    task.phase = { is: 'keeping' };
    effects.push({ type: 'keep', task: index });
    return;
  }
  const told = stopped === 'timeout' ? STATUS.timeout : status;
  if (reason === undefined && task.attempts <= (node?.retries ?? 0) && state.phase === 'open') {
    effects.push({ type: 'retry', task: index, status: told, attempt: task.attempts });
    if (task.records) state.claimed += 1;
    return enqueue(step, index);
  }
  const why = stopped === 'timeout' ? 'timeout' : reason === undefined ? 'status' : 'refused';
  settle(step, index, { is: 'failed', status: told, why, ...(reason !== undefined && { reason }) });
}

function free(step: Step, index: number, slot: number): void {
  const { state } = step;
  state.running.delete(index);
  if (slot > 0) state.idle.push(slot);
  giveBackUses(step, index);
  if (state.alone !== index) return;
  state.alone = null;
  restoreWhatWaits(step);
}
