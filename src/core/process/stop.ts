/** Runs the stop ladder for a program and for processes that it leaves running. */
import type { Ended } from './end.ts';
import type { Phase, ProcessEffect, ProcessSpec, ProcessState } from './state.ts';
import { notice, stay, to, type ProcessStep } from './transitions.ts';
import type { SignalName } from './signals.ts';
import { lastRung } from './stop-ladder.ts';

type Reach = Extract<ProcessEffect, { type: 'signal' }>['reach'];

/** Steps onto a rung of the stop ladder: its signal, and the timer for the next. */
export function climb(
  spec: ProcessSpec,
  state: ProcessState,
  phase: Extract<Phase, { name: 'running' | 'stopping' | 'clearing' }>,
  rung: number,
  reach: Reach = phase.name === 'clearing' ? 'all' : 'group',
): ProcessStep {
  // With no time between them SIGKILL could come before the program hears the other signal, or after: it is the only one.
  if (rung === 0 && state.graceMs === 0) return climb(spec, state, phase, lastRung(spec.ladder), reach);
  const { graceMs: usualMs, ...step } = spec.ladder[rung] ?? spec.ladder[0];
  const graceMs = rung === 0 ? graceOf(spec, state) : usualMs;
  const signal = rung === 0 ? firstSignal(spec, state) : step.signal;
  const { run } = state;
  const { pid } = phase;
  const isLast = rung === lastRung(spec.ladder);
  // Where SIGKILL was asked for, nothing has come to it by being late.
  const isLate = isLast && state.graceMs !== 0;
  const next: Phase =
    phase.name === 'running' ? { name: 'stopping', pid, since: phase.since, rung } : { ...phase, rung };

  const effects: ProcessEffect[] = [{ type: 'signal', run, pid, signal, reach }];
  // A stopped process (Ctrl-Z, a debugger) acts on a polite signal only when it is continued.
  if (rung === 0 && !isLast) effects.push({ type: 'signal', run, pid, signal: 'SIGCONT', reach: 'group' });
  if (isLast) effects.unshift(notice({ type: 'killing' }));
  const timer = state.timer + 1;
  effects.push({ type: 'set-timer', timer, ms: graceMs });
  const killed = state.killed || (isLate && state.want === 'down');
  return to({ ...state, timer, killed, lateRun: isLate ? run : state.lateRun }, next, ...effects);
}

/**
 * The program has exited, its background jobs have not. Those that have heard our signal are left alone until SIGKILL; some
 * left the group before, or ignore it (jobs of a shell ignore SIGINT).
 */
export function clear(
  spec: ProcessSpec,
  state: ProcessState,
  phase: Extract<Phase, { name: 'running' | 'stopping' }>,
  ended: Ended,
): ProcessStep {
  const watch = { type: 'watch-survivors', run: state.run, pid: phase.pid } as const;
  const clearing = { name: 'clearing', pid: phase.pid, rung: 0, ...ended } as const;
  if (phase.name === 'stopping' && (phase.rung > 0 || firstSignal(spec, state) === 'SIGTERM')) {
    // The ladder continues, but processes that left the group have not received its signal.
    const how =
      phase.rung > 0
        ? ({ signal: 'SIGKILL', reach: 'all' } as const)
        : ({ signal: 'SIGTERM', reach: 'rest' } as const);
    const tell = { type: 'signal', run: state.run, pid: phase.pid, ...how } as const;
    return to(state, { ...clearing, rung: phase.rung }, tell, watch);
  }
  const reach = phase.name === 'stopping' ? 'rest' : 'all';
  const { state: next, effects } = climb(spec, { ...state, stopSignal: 'SIGTERM' }, clearing, 0, reach);
  return { state: next, effects: [notice({ type: 'clearing' }), ...effects, watch] };
}

export function onHurry(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const down = { ...state, want: 'down' as const };
  const { phase } = state;
  switch (phase.name) {
    case 'running':
    case 'stopping':
    case 'clearing':
      if (phase.name !== 'running' && phase.rung === lastRung(spec.ladder)) return stay(down);
      return climb(spec, down, phase, lastRung(spec.ladder));
    case 'backoff':
      return to(down, { name: 'idle' }, { type: 'cancel-timer' });
    case 'idle':
    case 'starting':
    case 'exited':
    case 'failed':
      return stay(down);
  }
}

export function onRungOver(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const { phase } = state;
  if (phase.name !== 'stopping' && phase.name !== 'clearing') return stay(state);
  if (phase.rung < lastRung(spec.ladder)) return climb(spec, state, phase, phase.rung + 1);
  const { pid } = phase;
  const exit = { by: 'refusal', error: 'EBUSY', message: 'it is still alive after SIGKILL' } as const;
  return to(state, { name: 'failed', why: 'unkillable', exit, pid }, notice({ type: 'unkillable', pid }));
}

/** A stop that is in progress gets its new time from now on. */
export function onGrace(state: ProcessState, graceMs: number | null): ProcessStep {
  const { phase } = state;
  const given = { ...state, graceMs };
  if ((phase.name !== 'stopping' && phase.name !== 'clearing') || phase.rung > 0) return stay(given);
  if (graceMs === null) return stay(given);
  const timer = state.timer + 1;
  return to({ ...given, timer }, phase, { type: 'set-timer', timer, ms: graceMs });
}

/** Time between the first signal and SIGKILL. */
export const graceOf = ({ ladder }: Pick<ProcessSpec, 'ladder'>, { graceMs }: ProcessState): number =>
  graceMs ?? ladder[0].graceMs;

function firstSignal(spec: ProcessSpec, state: ProcessState): SignalName {
  return state.stopSignal ?? spec.ladder[0].signal;
}
