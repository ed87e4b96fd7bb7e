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
  reach: Reach = reachOf(spec, phase, rung),
): ProcessStep {
  // With no time between them SIGKILL could come before the program hears the other signal, or after: it is the only one.
  if (rung === 0 && state.graceMs === 0) return climb(spec, state, phase, lastRung(spec.ladder));
  if (rung === 0 && phase.name === 'running' && spec.hooks?.stop === true)
    return runHooks(spec, state, phase);
  const { graceMs: usualMs, ...step } = spec.ladder[rung] ?? spec.ladder[0];
  const graceMs = rung === 0 ? graceOf(spec, state) : usualMs;
  const signal = rung === 0 ? firstSignal(spec, state) : step.signal;
  const { run } = state;
  const { pid } = phase;
  const isLast = rung === lastRung(spec.ladder);
  // Where SIGKILL was asked for, nothing has come to it by being late.
  const isLate = isLast && state.graceMs !== 0;
  const next = onRung(phase, rung);
  const effects: ProcessEffect[] =
    rung === 0 && !isLast
      ? politely({ type: 'signal', run, pid, signal, reach })
      : [{ type: 'signal', run, pid, signal, reach }];
  if (isHooked(phase)) effects.unshift({ type: 'end-hooks', run, ms: 0 });
  if (isLast) effects.unshift(notice({ type: 'killing', asked: phase.name !== 'running' }));
  const timer = state.timer + 1;
  effects.push({ type: 'set-timer', timer, ms: graceMs });
  const killed = state.killed || (isLate && state.want === 'down');
  return to({ ...state, timer, killed, lateRun: isLate ? run : state.lateRun }, next, ...effects);
}

type Signal = Extract<ProcessEffect, { type: 'signal' }>;

/** A stopped process (Ctrl-Z, a debugger) acts on a polite signal only when it is continued. */
function politely(signal: Signal): ProcessEffect[] {
  const reach = signal.reach === 'main' ? 'main' : 'group';
  return [signal, { ...signal, signal: 'SIGCONT', reach }];
}

function reachOf({ stopTarget = 'group' }: ProcessSpec, { name }: Phase, rung: number): Reach {
  if (name === 'clearing') return 'all';
  return rung === 0 ? stopTarget : 'group';
}

function onRung(phase: Extract<Phase, { name: 'running' | 'stopping' | 'clearing' }>, rung: number): Phase {
  const { pid } = phase;
  if (phase.name === 'clearing') return { ...phase, rung };
  const verdict = phase.name === 'stopping' ? phase.verdict : undefined;
  return { name: 'stopping', pid, since: phase.since, rung, ...(verdict && { verdict }) };
}

const isHooked = (phase: Phase): boolean => phase.name === 'stopping' && phase.hooked === true;

/** They take of the time that it has to stop. */
function runHooks(
  spec: ProcessSpec,
  state: ProcessState,
  { pid, since }: Extract<Phase, { name: 'running' }>,
): ProcessStep {
  const ms = graceOf(spec, state);
  const timer = state.timer + 1;
  return to(
    { ...state, timer },
    { name: 'stopping', pid, since, rung: 0, hooked: true },
    { type: 'run-stop-hooks', run: state.run, pid, ms },
    { type: 'set-timer', timer, ms },
  );
}

/** The first signal, after the hooks that come before it. */
export function onStopHooksOver(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const { phase, run } = state;
  if (phase.name !== 'stopping' || phase.hooked !== true) return stay(state);
  const { pid } = phase;
  const signal = firstSignal(spec, state);
  const reach = reachOf(spec, phase, 0);
  return to(state, onRung(phase, 0), ...politely({ type: 'signal', run, pid, signal, reach }));
}

/** What a hook gets that nobody waits for any more. */
const HOOK_GRACE_MS = 1000;

/** Another stop has come while they run: it does not wait for them. */
export function overtakeHooks(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const { state: next, effects } = onStopHooksOver(spec, state);
  if (effects.length === 0) return stay(state);
  return { state: next, effects: [{ type: 'end-hooks', run: state.run, ms: HOOK_GRACE_MS }, ...effects] };
}

/** The program has not been started yet, and is not to be. */
export function callOff(spec: ProcessSpec, state: ProcessState, ms = graceOf(spec, state)): ProcessStep {
  const { phase } = state;
  if (phase.name !== 'starting' || phase.isHooked !== true) return stay(state);
  const isNews = phase.isCalledOff !== true || ms === 0;
  const ending: readonly ProcessEffect[] = isNews ? [{ type: 'end-hooks', run: state.run, ms }] : [];
  return to(state, { ...phase, isCalledOff: true }, ...ending);
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
    case 'starting':
      return callOff(spec, down, 0);
    case 'ending':
      return to(down, phase, { type: 'end-hooks', run: down.run, ms: 0 });
    case 'idle':
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
