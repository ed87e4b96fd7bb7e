/**
 * The machine of a pool: which job is started when and where, what is tried again, stopped and delivered.
 *
 *     source -> waiting -> slot: idle -> running -> ended -> finished -> delivered
 *                 ^                       |  timeout, stop: SIGTERM, after a grace period SIGKILL
 *                 +----- tried again -----+
 *
 * Jobs are asked for a few times the slots ahead, so that a slow source is not waited for and a fast one not kept in memory.
 * A slot is used again when all that was stopped on it has ended. The pool is over when nothing runs and nothing can be
 * started any more. The state is changed in place; each event costs the same, however many jobs there are.
 */
import type { PoolEffect, PoolEvent } from './events.ts';
import type { PoolSpec } from './pool-spec.ts';
import { isReached } from './halt.ts';
import { measured, pullAhead, startWhatCan } from './start-jobs.ts';
import type { PoolState, Slot, Step } from './state.ts';

/** From SIGTERM to SIGKILL. */
export const JOB_GRACE_MS = 5000;
/** After SIGKILL. Only what hangs in the kernel lives so long. */
export const JOB_KILL_MS = 5000;

export function stepPool(spec: PoolSpec, state: PoolState, event: PoolEvent): readonly PoolEffect[] {
  const effects: PoolEffect[] = [];
  if (state.phase === 'over') return effects;
  const step: Step = { spec, state, effects };
  take(step, event);
  startWhatCan(step);
  pullAhead(step);
  endIfOver(step);
  return effects;
}

function take(step: Step, event: PoolEvent): void {
  const { state } = step;
  switch (event.type) {
    case 'job':
      state.awaited -= 1;
      if (step.spec.keepOrder) state.order.push(event.seq);
      if (state.phase === 'open') state.waiting.push(event.seq);
      else drop(step, event.seq);
      break;
    case 'source-ended':
      state.sourceEnded = true;
      state.awaited = 0;
      break;
    case 'ended':
      if (slotOf(state, event)) ended(step, event.slot, event);
      break;
    case 'slot-lost': {
      const slot = slotOf(state, event);
      if (slot) lost(step, event.slot, slot);
      break;
    }
    case 'slot-timer': {
      const slot = slotOf(state, event);
      if (slot) timerOver(step, event.slot, slot);
      break;
    }
    case 'delay-over':
      state.isDelayed = false;
      break;
    case 'gate-passed':
      if (state.gate === 'asked') state.gate = 'passed';
      break;
    case 'output':
      state.outputIsFull = event.isFull;
      break;
    case 'stop':
      stop(step, event.how);
      break;
  }
}

type BusySlot = Extract<Slot, { seq: number }>;

/** Undefined when the event is about an older run. */
function slotOf(
  state: PoolState,
  { slot, run }: { readonly slot: number; readonly run: number },
): BusySlot | undefined {
  const known = state.slots[slot];
  return known?.run === run && 'seq' in known ? known : undefined;
}

function ended(
  step: Step,
  number: number,
  { status, runtimeMs }: { readonly status: number; readonly runtimeMs: number },
): void {
  const { spec, state, effects } = step;
  const slot = state.slots[number];
  if (slot === undefined || !('seq' in slot)) return;
  const { seq } = slot;
  const stopped = slot.phase === 'stopping' ? slot.why : null;
  const timedOut = stopped === 'timeout';
  const hasFailed = status !== 0 || timedOut;
  if (stopped !== null || spec.timeout !== null) effects.push({ type: 'clear-timer', slot: number });
  state.slots[number] = { phase: 'idle', run: slot.run };
  state.idle.push(number);

  // What has ended well just before the signal is done.
  if (stopped === 'pool' && hasFailed) return drop(step, seq);
  const attempts = (state.attempts.get(seq) ?? 0) + 1;
  if (hasFailed && attempts < spec.attempts && state.phase === 'open') {
    state.attempts.set(seq, attempts);
    state.again.push(seq);
    effects.push({ type: 'retry', seq });
    return;
  }
  if (!hasFailed) measured(step, runtimeMs);
  finish(step, seq, number, attempts, timedOut);
  count(step, hasFailed, status);
}

function finish(
  { spec, state, effects }: Step,
  seq: number,
  slot: number,
  attempts: number,
  timedOut: boolean,
): void {
  state.attempts.delete(seq);
  effects.push({ type: 'finish', seq, slot, attempts, timedOut });
  if (!spec.keepOrder) {
    effects.push({ type: 'deliver', seq });
    return;
  }
  state.settled.set(seq, true);
  deliverInOrder(state, effects);
}

function deliverInOrder(state: PoolState, effects: PoolEffect[]): void {
  for (let next = state.order.first; next !== undefined; next = state.order.first) {
    const hasResult = state.settled.get(next);
    if (hasResult === undefined) return;
    state.settled.delete(next);
    state.order.shift();
    if (hasResult) effects.push({ type: 'deliver', seq: next });
  }
}

function drop({ spec, state, effects }: Step, seq: number): void {
  state.attempts.delete(seq);
  state.counts.notDone += 1;
  effects.push({ type: 'drop', seq });
  if (!spec.keepOrder) return;
  state.settled.set(seq, false);
  deliverInOrder(state, effects);
}

function count(step: Step, hasFailed: boolean, status: number): void {
  const { spec, state } = step;
  state.counts.done += 1;
  if (hasFailed) state.counts.failed += 1;
  const { done, failed } = state.counts;
  if (spec.halt === null || state.halted !== null || !isReached(spec.halt, state.counts, hasFailed)) return;
  state.halted = { done, failed, status: status === 0 && hasFailed ? 1 : status };
  stop(step, spec.halt.when);
}

function lost(step: Step, number: number, slot: BusySlot): void {
  const { spec, state, effects } = step;
  const { seq, phase } = slot;
  if (phase === 'stopping' || spec.timeout !== null) effects.push({ type: 'clear-timer', slot: number });
  state.slots[number] = { phase: 'lost', run: slot.run };
  state.open -= 1;
  if (state.phase === 'open' && state.open > 0) state.again.push(seq);
  else drop(step, seq);
  if (state.open === 0) stop(step, 'soon');
}

/** The time of a job, or of its stop, is over. */
function timerOver(step: Step, number: number, slot: BusySlot): void {
  if (slot.phase === 'running') {
    ask(step, number, slot, 'timeout');
  } else if (slot.rung === 'asked') {
    kill(step, number, slot);
  } else {
    step.effects.push({ type: 'abandon', slot: number, seq: slot.seq });
    ended(step, number, { status: KILLED_STATUS, runtimeMs: 0 });
  }
}

const KILLED_STATUS = 137;

function ask(
  { state, effects }: Step,
  number: number,
  { seq, run }: BusySlot,
  why: 'timeout' | 'pool',
): void {
  state.slots[number] = { phase: 'stopping', seq, run, why, rung: 'asked' };
  effects.push(
    { type: 'signal', slot: number, seq, signal: 'SIGTERM' },
    { type: 'set-timer', slot: number, run, ms: JOB_GRACE_MS },
  );
}

function kill({ state, effects }: Step, number: number, slot: BusySlot): void {
  const { seq, run } = slot;
  const why = slot.phase === 'stopping' ? slot.why : 'pool';
  state.slots[number] = { phase: 'stopping', seq, run, why, rung: 'killed' };
  effects.push(
    { type: 'signal', slot: number, seq, signal: 'SIGKILL' },
    { type: 'set-timer', slot: number, run, ms: JOB_KILL_MS },
  );
}

function stop(step: Step, how: 'soon' | 'now' | 'kill'): void {
  const { state } = step;
  if (state.phase === 'open') {
    state.phase = 'closing';
    dropWaiting(step);
  }
  if (how === 'soon') return;
  state.phase = 'stopping';
  state.slots.forEach((slot, number) => {
    if (!('seq' in slot)) return;
    if (how === 'kill' && !(slot.phase === 'stopping' && slot.rung === 'killed')) kill(step, number, slot);
    else if (slot.phase === 'running') ask(step, number, slot, 'pool');
  });
}

function dropWaiting(step: Step): void {
  const { state } = step;
  for (let seq = state.again.pop(); seq !== undefined; seq = state.again.pop()) drop(step, seq);
  for (let seq = state.waiting.shift(); seq !== undefined; seq = state.waiting.shift()) drop(step, seq);
}

function endIfOver({ state, effects }: Step): void {
  const mayCome =
    state.phase === 'open' && (!state.sourceEnded || state.again.length > 0 || state.waiting.size > 0);
  if (mayCome || state.idle.length < state.open) return;
  state.phase = 'over';
  effects.push({ type: 'end' });
}
