/** The result of one step: the next state and the effects. */
import type { InstanceFact } from '../events.ts';
import type { Phase, ProcessEffect, ProcessSpec, ProcessState } from './state.ts';
import { NO_RESTARTS } from './restart-policy.ts';

export interface Circumstances {
  /** Milliseconds, monotonic. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

export interface ProcessStep {
  readonly state: ProcessState;
  readonly effects: readonly ProcessEffect[];
}

export function stay(state: ProcessState): ProcessStep {
  return { state, effects: [] };
}

export function to(state: ProcessState, phase: Phase, ...effects: ProcessEffect[]): ProcessStep {
  return { state: { ...state, phase }, effects };
}

export function notice(event: InstanceFact): ProcessEffect {
  return { type: 'record', event };
}

export function start({ hooks }: Pick<ProcessSpec, 'hooks'>, state: ProcessState): ProcessStep {
  const run = Math.max(state.run, state.besideRun) + 1;
  const started: ProcessState = {
    ...state,
    phase: { name: 'starting', ...(hooks?.start === true && { isHooked: true }) },
    run,
    stopSignal: null,
    graceMs: null,
    killed: false,
  };
  return { state: started, effects: [{ type: 'spawn', run }] };
}

/** Resets the restart counters: for a requested start or restart. */
export function withoutPast(state: ProcessState): ProcessState {
  return { ...state, history: NO_RESTARTS, restarts: 0 };
}
