/** How a task comes to its end, and what that means for the others. */
import type { TaskOutcome } from './events.ts';
import { holdKey } from './graph.ts';
import { taskState, type Step, type TaskPhase } from './state.ts';
import { giveBackUses, tookItsTurn } from './take.ts';

export const settle = (step: Step, index: number, outcome: TaskOutcome): void =>
  settleAll(step, [index], outcome);

/** All of them end in the same way; those that are over already are left out. */
export function settleAll(step: Step, indices: readonly number[], outcome: TaskOutcome): void {
  const { spec, state } = step;
  const isGood = outcome.is === 'succeeded' || outcome.is === 'cached';
  for (const index of indices) {
    if (!finish(step, index, outcome)) continue;
    if (isGood) state.ready.push(...readied(step, index));
    if (outcome.is !== 'failed') continue;
    state.failed ??= index;
    skipDependents(step, index);
  }
  if (outcome.is === 'failed' && !spec.continues) close(step);
}

/** Those for which it was the last. */
function readied(step: Step, index: number): readonly number[] {
  return (step.spec.graph[index]?.dependents ?? []).filter((dependent) => {
    const task = taskState(step, dependent);
    task.missing -= 1;
    return task.missing === 0;
  });
}

/** False: it is over already. */
function finish(step: Step, index: number, outcome: TaskOutcome): boolean {
  const { spec, state, effects } = step;
  const task = taskState(step, index);
  if (task.phase.is === 'over') return false;
  if (!STARTED.includes(task.phase.is)) tookItsTurn(step, index);
  giveBackUses(step, index);
  if (task.records && task.phase.is !== 'keeping') {
    const status = outcome.is === 'failed' && outcome.why !== 'process' ? outcome.status : null;
    effects.push({ type: 'drop', task: index, status });
  }
  task.records = false;
  task.phase = { is: 'over' };
  task.outcome = outcome;
  state.left -= 1;
  effects.push({ type: 'finish', task: index, outcome });
  for (const need of spec.graph[index]?.processes ?? []) leaveProcess(step, holdKey(need));
  return true;
}

function leaveProcess({ state, effects }: Step, key: string): void {
  const hold = state.holds.get(key);
  if (hold === undefined) return;
  hold.users -= 1;
  if (hold.users > 0 || (hold.state !== 'asked' && hold.state !== 'held')) return;
  hold.state = 'released';
  effects.push({ type: 'release', key });
}

/** All that depend on it, however far. They have not begun. */
function skipDependents(step: Step, because: number): void {
  const left = [...(step.spec.graph[because]?.dependents ?? [])];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (!finish(step, next, { is: 'skipped', because })) continue;
    left.push(...(step.spec.graph[next]?.dependents ?? []));
  }
}

const STARTED: readonly TaskPhase['is'][] = ['running', 'stopping', 'keeping'];
const NOT_BEGUN: readonly TaskPhase['is'][] = [
  ...(['waiting', 'to-look', 'holding', 'to-take', 'taking', 'lacking', 'queued'] as const),
];

/** Nothing more is started; what has not begun is told as not run. */
export function close(step: Step): void {
  const { state, effects } = step;
  if (state.phase !== 'open') return;
  state.phase = 'closing';
  for (const [index, { phase }] of state.tasks.entries()) {
    if (phase.is === 'looking' || phase.is === 'awaiting') {
      if (phase.is === 'looking') state.looking -= 1;
      effects.push({ type: 'cancel-look', task: index });
    } else if (!NOT_BEGUN.includes(phase.is)) continue;
    finish(step, index, { is: 'not-run' });
  }
  for (const index of state.toRestore.splice(0)) finish(step, index, { is: 'not-run' });
}
