/** Which jobs of a pool are started, with which time limit, and how many more are asked for. */
import type { PoolSpec } from './pool-spec.ts';
import type { PoolState, Step } from './state.ts';

/** How far jobs are asked for, in multiples of the slots. */
const LOOK_AHEAD = 2;
/** A successful one moves the median, and with the third the jobs that run get their time limit. */
export function measured({ spec, state, effects }: Step, runtimeMs: number): void {
  if (spec.timeout === null || !('timesMedian' in spec.timeout)) return;
  const wasKnown = state.median.value !== undefined;
  state.median.add(runtimeMs);
  const ms = timeLimit(spec, state);
  if (wasKnown || ms === undefined) return;
  state.slots.forEach(({ phase, run }, slot) => {
    if (phase === 'running') effects.push({ type: 'set-timer', slot, run, ms });
  });
}

function timeLimit({ timeout }: PoolSpec, { median }: PoolState): number | undefined {
  if (timeout === null) return undefined;
  if ('ms' in timeout) return timeout.ms;
  return median.value === undefined ? undefined : median.value * timeout.timesMedian;
}

export function startWhatCan(step: Step): void {
  const { spec, state, effects } = step;
  while (state.phase === 'open' && !state.outputIsFull && !state.isDelayed && state.idle.length > 0) {
    if (state.again.length === 0 && state.waiting.size === 0) return;
    if (state.gate !== 'none' && state.gate !== 'passed') {
      if (state.gate === 'shut') effects.push({ type: 'ask-gate' });
      state.gate = 'asked';
      return;
    }
    const seq = state.again.pop() ?? state.waiting.shift();
    const slot = state.idle.pop();
    if (seq === undefined || slot === undefined) return;
    const run = (state.slots[slot]?.run ?? 0) + 1;
    state.slots[slot] = { phase: 'running', seq, run };
    effects.push({ type: 'start', slot, run, seq });
    const ms = timeLimit(spec, state);
    if (ms !== undefined) effects.push({ type: 'set-timer', slot, run, ms });
    if (state.gate === 'passed') state.gate = 'shut';
    if (spec.delayMs > 0) {
      state.isDelayed = true;
      effects.push({ type: 'set-delay', ms: spec.delayMs });
    }
  }
}

export function pullAhead({ state, effects }: Step): void {
  if (state.phase !== 'open' || state.sourceEnded) return;
  const count = LOOK_AHEAD * state.open - state.waiting.size - state.again.length - state.awaited;
  if (count <= 0) return;
  state.awaited += count;
  effects.push({ type: 'pull', count });
}
