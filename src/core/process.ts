/**
 * The life of one instance as a value and one pure function.
 *
 *   idle -> starting -> running -> exited | failed          ended by itself
 *              ^           |  \-> backoff -> starting       ended by itself, policy brings it back
 *              |           v
 *              +------ stopping -> idle                     asked to stop (or to restart)
 *
 * `clearing` stands between the end of a run and whatever comes next when the program has ended but left something
 * behind in its process group: that is stopped by the same ladder first, so that a successor finds its port free.
 *
 * `want` says what is asked of it, `phase` what it is: a restart is "wanted up while going down".
 *   up     keep it alive under its restart policy
 *   drain  leave it alone while it lives, do not bring it back (it waits for its dependents to stop first)
 *   down   stop it
 * Each spawn and each timer has a number; what arrives for an older one is dropped in `isStale`, and nowhere else.
 */
import { isFailure, type Exit } from './exit.ts';
import {
  NEW_PROCESS,
  type Phase,
  type ProcessEffect,
  type ProcessEvent,
  type ProcessNotice,
  type ProcessSpec,
  type ProcessState,
} from './process-state.ts';
import { decideRestart, NO_RESTARTS } from './restart-policy.ts';
import type { SignalName } from './signals.ts';
import { lastRung } from './stop-ladder.ts';

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

export function stepProcess(
  spec: ProcessSpec,
  state: ProcessState,
  event: ProcessEvent,
  at: Circumstances,
): ProcessStep {
  if (isStale(state, event)) return stay(state);
  switch (event.type) {
    case 'want':
      return onWant(spec, { ...state, want: event.want, stopSignal: event.signal ?? state.stopSignal });
    case 'renew':
      return onRenew(spec, state);
    case 'forget':
      return onForget(state);
    case 'hurry':
      return onHurry(spec, state);
    case 'doom':
      return onDoom(state, event.exit);
    case 'spawned':
      return onSpawned(spec, state, event.pid, at);
    case 'refused':
      return onRefused(spec, state, event.exit, at);
    case 'ready':
      return state.phase.name === 'running'
        ? stay({ ...state, phase: { ...state.phase, ready: true } })
        : stay(state);
    case 'exited':
      return onExited(spec, state, event, at);
    case 'cleared':
      return onCleared(spec, state, at);
    case 'timer':
      return state.phase.name === 'backoff' ? start(state) : onRungOver(spec, state, at);
  }
}

function isStale(state: ProcessState, event: ProcessEvent): boolean {
  if (event.type === 'timer') return event.timer !== state.timer;
  return 'run' in event && event.run !== state.run;
}

function onWant(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const { want, phase } = state;
  switch (phase.name) {
    case 'idle':
      return want === 'up' ? start({ ...state, history: NO_RESTARTS }) : stay(state);
    case 'running':
      return want === 'down' ? climb(spec, state, phase, 0) : stay(state);
    case 'backoff': {
      if (want === 'up') return stay(state);
      const ended: Phase = want === 'drain' ? { name: 'exited', exit: phase.exit } : { name: 'idle' };
      return to(state, ended, { type: 'cancel-timer' });
    }
    // On their way already; what comes after the end is read from `want` then.
    case 'starting':
    case 'stopping':
    case 'clearing':
    case 'exited':
    case 'failed':
      return stay(state);
  }
}

function onRenew(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const fresh = { ...state, want: 'up' as const, history: NO_RESTARTS, stopSignal: null, killed: false };
  switch (state.phase.name) {
    case 'running':
      return climb(spec, fresh, state.phase, 0);
    case 'backoff': {
      const { state: started, effects } = start(fresh);
      return { state: started, effects: [{ type: 'cancel-timer' }, ...effects] };
    }
    case 'idle':
    case 'exited':
    case 'failed':
      return start(fresh);
    case 'starting':
    case 'stopping':
      return stay(fresh);
    case 'clearing':
      return stay({ ...fresh, phase: { ...state.phase, asked: true } });
  }
}

function onForget(state: ProcessState): ProcessStep {
  if (state.phase.name !== 'exited' && state.phase.name !== 'failed') return stay(state);
  return to({ ...NEW_PROCESS, run: state.run, timer: state.timer }, { name: 'idle' });
}

function onHurry(spec: ProcessSpec, state: ProcessState): ProcessStep {
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

function onDoom(state: ProcessState, exit: Exit): ProcessStep {
  if (state.phase.name !== 'idle') return stay(state);
  return to(state, { name: 'failed', why: 'unmet-need', exit }, notice({ type: 'doomed', exit }));
}

function onSpawned(spec: ProcessSpec, state: ProcessState, pid: number, { now }: Circumstances): ProcessStep {
  if (state.phase.name !== 'starting') return stay(state);
  const running = { name: 'running', pid, since: now, ready: spec.readiness === 'started' } as const;
  const started = notice({ type: 'started', run: state.run, pid });
  if (state.want !== 'down') return to(state, running, started);
  const stopped = climb(spec, state, running, 0);
  return { state: stopped.state, effects: [started, ...stopped.effects] };
}

function onRefused(spec: ProcessSpec, state: ProcessState, exit: Exit, at: Circumstances): ProcessStep {
  if (state.phase.name !== 'starting') return stay(state);
  const told = notice({ type: 'refused', exit });
  if (state.want === 'down') return to(state, { name: 'idle' }, told);
  const next = afterEnd(spec, state, { exit, ranMs: 0, asked: false }, at);
  return { state: next.state, effects: [told, ...next.effects] };
}

function onExited(
  spec: ProcessSpec,
  state: ProcessState,
  { exit, survivors }: Extract<ProcessEvent, { type: 'exited' }>,
  at: Circumstances,
): ProcessStep {
  const { phase } = state;
  if (phase.name !== 'running' && phase.name !== 'stopping') return stay(state);
  const asked = phase.name === 'stopping';
  const told = notice({ type: 'exited', run: state.run, exit, asked });
  const ended = { exit, ranMs: at.now - phase.since, asked };
  const next = survivors ? clear(spec, state, phase, ended) : afterEnd(spec, state, ended, at);
  const disarmed: readonly ProcessEffect[] = asked && !survivors ? [{ type: 'cancel-timer' }] : [];
  return { state: next.state, effects: [told, ...disarmed, ...next.effects] };
}

/** The program is gone, its background jobs are not: they may never have seen our signal (a shell's jobs ignore SIGINT). */
function clear(
  spec: ProcessSpec,
  state: ProcessState,
  phase: Extract<Phase, { name: 'running' | 'stopping' }>,
  ended: { readonly exit: Exit; readonly ranMs: number; readonly asked: boolean },
): ProcessStep {
  const watch = { type: 'watch-survivors', run: state.run, pid: phase.pid } as const;
  const clearing = { name: 'clearing', pid: phase.pid, rung: 0, ...ended } as const;
  if (phase.name === 'stopping' && (phase.rung > 0 || firstSignal(spec, state) === 'SIGTERM')) {
    // The ladder goes on, but who has left the group has not heard of it.
    const signal = phase.rung > 0 ? 'SIGKILL' : 'SIGTERM';
    const tell = { type: 'signal', run: state.run, pid: phase.pid, signal, reach: 'all' } as const;
    return to(state, { ...clearing, rung: phase.rung }, tell, watch);
  }
  const { state: next, effects } = climb(spec, { ...state, stopSignal: 'SIGTERM' }, clearing, 0);
  return { state: next, effects: [notice({ type: 'clearing' }), ...effects, watch] };
}

function onCleared(spec: ProcessSpec, state: ProcessState, at: Circumstances): ProcessStep {
  if (state.phase.name !== 'clearing') return stay(state);
  const { state: next, effects } = afterEnd(spec, state, state.phase, at);
  return { state: next, effects: [{ type: 'cancel-timer' }, ...effects] };
}

function onRungOver(spec: ProcessSpec, state: ProcessState, at: Circumstances): ProcessStep {
  const { phase } = state;
  if (phase.name !== 'stopping' && phase.name !== 'clearing') return stay(state);
  if (phase.rung < lastRung(spec.ladder)) return climb(spec, state, phase, phase.rung + 1);
  const told = notice({ type: 'unkillable', pid: phase.pid });
  if (phase.name === 'clearing') {
    const next = afterEnd(spec, state, phase, at);
    return { state: next.state, effects: [told, ...next.effects] };
  }
  const exit = { by: 'refusal', error: 'EBUSY', message: 'it does not die of SIGKILL' } as const;
  return to(state, { name: 'failed', why: 'unkillable', exit }, told);
}

/** What a process becomes when nothing of its last run is left. */
function afterEnd(
  spec: ProcessSpec,
  state: ProcessState,
  { exit, ranMs, asked }: { readonly exit: Exit; readonly ranMs: number; readonly asked: boolean },
  { now, random }: Circumstances,
): ProcessStep {
  if (state.want === 'down') return to(state, asked ? { name: 'idle' } : { name: 'exited', exit });
  if (state.want === 'drain') return to(state, { name: 'exited', exit });
  if (asked) return start({ ...state, history: NO_RESTARTS });

  const decision = decideRestart(spec.restart, state.history, { exit, ranMs, now, random });
  if (!decision.restart) return giveUp(spec, state, exit, decision.because);
  const { delayMs, history } = decision;
  const told = notice({ type: 'restarting', delayMs, restarts: history.times.length });
  if (delayMs === 0) {
    const { state: started, effects } = start({ ...state, history });
    return { state: started, effects: [told, ...effects] };
  }
  const timer = state.timer + 1;
  return to({ ...state, history, timer }, { name: 'backoff', exit }, told, {
    type: 'set-timer',
    timer,
    ms: delayMs,
  });
}

/** To end again and again is a failure, even if each time with success. */
const GAVE_UP: Exit = { by: 'code', code: 1 };

function giveUp(
  spec: ProcessSpec,
  state: ProcessState,
  exit: Exit,
  because: 'policy' | 'gave-up',
): ProcessStep {
  if (because === 'gave-up') {
    return to(
      state,
      { name: 'failed', why: 'gave-up', exit: isFailure(exit) ? exit : GAVE_UP },
      notice({ type: 'gave-up', ...spec.restart.giveUp }),
    );
  }
  return to(
    state,
    exit.by === 'refusal' ? { name: 'failed', why: 'refused', exit } : { name: 'exited', exit },
  );
}

function start(state: ProcessState): ProcessStep {
  const run = state.run + 1;
  return to({ ...state, run, stopSignal: null, killed: false }, { name: 'starting' }, { type: 'spawn', run });
}

/** Steps onto a rung of the stop ladder: its signal, and the timer for the next. */
function climb(
  spec: ProcessSpec,
  state: ProcessState,
  phase: Extract<Phase, { name: 'running' | 'stopping' | 'clearing' }>,
  rung: number,
): ProcessStep {
  const { graceMs, ...step } = spec.ladder[rung] ?? spec.ladder[0];
  const signal = rung === 0 ? firstSignal(spec, state) : step.signal;
  const { run } = state;
  const { pid } = phase;
  const isLast = rung === lastRung(spec.ladder);
  const next: Phase =
    phase.name === 'clearing' ? { ...phase, rung } : { name: 'stopping', pid, since: phase.since, rung };

  const reach = phase.name === 'clearing' ? 'all' : 'group';
  const effects: ProcessEffect[] = [{ type: 'signal', run, pid, signal, reach }];
  // A stopped process (Ctrl-Z, a debugger) acts on a polite signal only when it is continued.
  if (rung === 0 && !isLast) effects.push({ type: 'signal', run, pid, signal: 'SIGCONT', reach });
  if (isLast) effects.unshift(notice({ type: 'killing' }));
  const timer = state.timer + 1;
  effects.push({ type: 'set-timer', timer, ms: graceMs });
  return to({ ...state, timer, killed: state.killed || (isLast && state.want === 'down') }, next, ...effects);
}

function firstSignal(spec: ProcessSpec, state: ProcessState): SignalName {
  return state.stopSignal ?? spec.ladder[0].signal;
}

function stay(state: ProcessState): ProcessStep {
  return { state, effects: [] };
}

function to(state: ProcessState, phase: Phase, ...effects: ProcessEffect[]): ProcessStep {
  return { state: { ...state, phase }, effects };
}

function notice(value: ProcessNotice): ProcessEffect {
  return { type: 'notice', notice: value };
}
