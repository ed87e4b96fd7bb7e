/** Stops what runs: SIGTERM, and after a grace period SIGKILL. */
import { close } from './settle.ts';
import { attemptEnded } from './start-tasks.ts';
import { taskState, type Step } from './state.ts';

/** From SIGTERM to SIGKILL. */
export const TASK_GRACE_MS = 5000;
/** After SIGKILL. Only what hangs in the kernel lives so long. */
export const TASK_KILL_MS = 5000;
const KILLED_STATUS = 137;

export function stop(step: Step, how: 'now' | 'kill'): void {
  const { state } = step;
  close(step);
  state.phase = 'stopping';
  for (const index of state.running) {
    const { phase } = taskState(step, index);
    if (how === 'now' && phase.is === 'running') ask(step, index, 'stop');
    if (how === 'kill' && !(phase.is === 'stopping' && phase.rung === 'killed')) kill(step, index);
  }
}

/** The time of a task, or of its stop, is over. */
export function timerOver(step: Step, index: number): void {
  const { phase } = taskState(step, index);
  if (phase.is === 'running') return ask(step, index, 'timeout');
  if (phase.is !== 'stopping') return;
  if (phase.rung === 'asked') return kill(step, index);
  step.effects.push({ type: 'abandon', task: index, slot: phase.slot });
  attemptEnded(step, index, { status: KILLED_STATUS, reason: 'still alive after SIGKILL' });
}

function ask(step: Step, index: number, why: 'timeout' | 'stop'): void {
  const task = taskState(step, index);
  if (task.phase.is !== 'running') return;
  const { slot } = task.phase;
  task.phase = { is: 'stopping', slot, why, rung: 'asked' };
  step.effects.push(
    { type: 'signal', task: index, slot, signal: 'SIGTERM' },
    { type: 'set-timer', task: index, run: task.run, ms: TASK_GRACE_MS },
  );
}

function kill(step: Step, index: number): void {
  const task = taskState(step, index);
  const { phase } = task;
  if (phase.is !== 'running' && phase.is !== 'stopping') return;
  const { slot } = phase;
  const why = phase.is === 'stopping' ? phase.why : 'stop';
  task.phase = { is: 'stopping', slot, why, rung: 'killed' };
  step.effects.push(
    { type: 'signal', task: index, slot, signal: 'SIGKILL' },
    { type: 'set-timer', task: index, run: task.run, ms: TASK_KILL_MS },
  );
}
