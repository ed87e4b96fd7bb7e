/**
 * The life of one instance as a value and one pure function.
 *
 *   idle -> starting -> running -> exited | failed          ended by itself
 *              ^           |  \-> backoff -> starting       ended by itself, policy brings it back
 *              |           v
 *              +------ stopping -> idle                     asked to stop (or to restart)
 *
 * `clearing` follows a run whose program has exited but left processes running in its process group: they are stopped by
 * the same ladder first, so that the next run finds its port free. A program that is alive after SIGKILL has `failed`, and
 * is not started again before its exit is reported. `ending` follows a run that has hooks: post_stop runs, and what the
 * user has it run earlier may have to end.
 *
 * `want` says what is asked of it, `phase` what it is: a restart is "wanted up while going down".
 *   up     keep it alive under its restart policy
 *   drain  leave it alone while it lives, do not bring it back (it waits for its dependents to stop first)
 *   finish as drain, but for so long only: then stop it (it reads what is left of its input)
 *   wait   as finish, for another reason: later processes are stopped first
 *   down   stop it
 * Each spawn and each timer has a number; events of older ones are dropped in `isStale`, and only there.
 */
import { isFailure, type Exit } from './exit.ts';
import { afterEnd, afterLateEnd, startAgain, type Ended } from './end.ts';
import {
  isUnkillable,
  NEW_PROCESS,
  type Phase,
  type ProcessEffect,
  type ProcessEvent,
  type ProcessSpec,
  type ProcessState,
  type Want,
} from './state.ts';
import { notice, start, stay, to, withoutPast, type Circumstances, type ProcessStep } from './transitions.ts';
import {
  callOff,
  clear,
  climb,
  graceOf,
  onGrace,
  onHurry,
  onRungOver,
  onStopHooksOver,
  overtakeHooks,
} from './stop.ts';

export function stepProcess(
  spec: ProcessSpec,
  state: ProcessState,
  event: ProcessEvent,
  at: Circumstances,
): ProcessStep {
  if (isStale(state, event)) return stay(state);
  const { state: next, effects } = stepPhase(spec, state, event, at);
  const checks = checksBetween(state, next);
  return { state: next, effects: checks.length === 0 ? effects : [...effects, ...checks] };
}

/** A run is checked while it is running, and not while it is being stopped. */
function checksBetween(before: ProcessState, after: ProcessState): readonly ProcessEffect[] {
  const was = before.phase.name === 'running' && before.phase.checked === true;
  const is = after.phase.name === 'running' && after.phase.checked === true;
  if (was === is) return [];
  return [is ? { type: 'start-check', run: after.run } : { type: 'stop-check', run: before.run }];
}

function stepPhase(
  spec: ProcessSpec,
  state: ProcessState,
  event: ProcessEvent,
  at: Circumstances,
): ProcessStep {
  switch (event.type) {
    case 'want':
      return onWant(spec, state, event);
    case 'grace':
      return onGrace(state, event.ms);
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
      return onReady(spec, state, at);
    case 'unready':
      return onUnready(spec, state, event);
    case 'exited':
      return onExited(spec, state, event, at);
    case 'cleared':
      return onCleared(spec, state, at);
    case 'stop-hooks-over':
      return onStopHooksOver(spec, state);
    case 'timer':
      return onTimer(spec, state);
  }
}

function isStale(state: ProcessState, event: ProcessEvent): boolean {
  if (event.type === 'timer') return event.timer !== state.timer;
  return 'run' in event && event.run !== state.run;
}

function onWant(
  spec: ProcessSpec,
  before: ProcessState,
  { want, ms, signal }: Extract<ProcessEvent, { type: 'want' }>,
): ProcessStep {
  const state = { ...before, want, stopSignal: signal ?? before.stopSignal };
  const { phase } = state;
  switch (phase.name) {
    case 'idle':
      return want === 'up' ? start(spec, withoutPast(state)) : stay(state);
    case 'running': {
      if (!isTimed(before.want)) return attend(spec, state, phase, ms);
      const { state: next, effects } = attend(spec, { ...state, timer: state.timer + 1 }, phase, ms);
      return { state: next, effects: [{ type: 'cancel-timer' }, ...effects] };
    }
    case 'backoff': {
      if (want === 'up') return stay(state);
      const ended: Phase = want === 'down' ? { name: 'idle' } : { name: 'exited', exit: phase.exit };
      return to(state, ended, { type: 'cancel-timer' });
    }
    // The stop is already in progress; `want` decides what follows it.
    case 'stopping': {
      if (want !== 'down') return stay(state);
      const asked = { ...state, phase: onRequest(phase) };
      return before.want === 'down' ? overtakeHooks(spec, asked) : stay(asked);
    }
    case 'starting':
      return want === 'down' ? callOff(spec, state) : stay(state);
    case 'clearing':
    case 'ending':
    case 'exited':
    case 'failed':
      return stay(state);
  }
}

const isTimed = (want: Want): boolean => want === 'wait' || want === 'finish';

/** What to do with a running program, by `want`. */
function attend(
  spec: ProcessSpec,
  state: ProcessState,
  running: Extract<Phase, { name: 'running' }>,
  ms = state.want === 'wait' ? graceOf(spec, state) : (spec.drainMs ?? 0),
): ProcessStep {
  switch (state.want) {
    case 'up':
    case 'drain':
      return to(state, running);
    case 'wait':
    case 'finish': {
      if (ms === 0) return climb(spec, { ...state, want: 'down' }, running, 0);
      const timer = state.timer + 1;
      return to({ ...state, timer }, running, { type: 'set-timer', timer, ms });
    }
    case 'down':
      return climb(spec, state, running, 0);
  }
}

function onTimer(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const { want, phase } = state;
  if (phase.name === 'backoff') return startAgain(spec, state);
  if (phase.name !== 'running') return onRungOver(spec, state);
  return isTimed(want) ? climb(spec, { ...state, want: 'down' }, phase, 0) : stay(state);
}

function onRenew(spec: ProcessSpec, state: ProcessState): ProcessStep {
  const fresh = { ...withoutPast(state), want: 'up' as const, stopSignal: null, killed: false };
  switch (state.phase.name) {
    case 'running':
      return climb(spec, fresh, state.phase, 0);
    case 'backoff': {
      const { state: started, effects } = start(spec, fresh);
      return { state: started, effects: [{ type: 'cancel-timer' }, ...effects] };
    }
    case 'failed':
      return isUnkillable(state.phase) ? stay(state) : start(spec, fresh);
    case 'idle':
    case 'exited':
      return start(spec, fresh);
    case 'starting':
      return stay(fresh);
    case 'stopping':
      return overtakeHooks(spec, { ...fresh, phase: onRequest(state.phase) });
    case 'clearing':
    case 'ending':
      return stay({ ...fresh, phase: { ...state.phase, asked: true } });
  }
}

function onForget(state: ProcessState): ProcessStep {
  if (state.phase.name !== 'exited' && state.phase.name !== 'failed') return stay(state);
  if (isUnkillable(state.phase)) return stay(state);
  const { run, timer, lastExit, besideRun, besideTimer } = state;
  return to({ ...NEW_PROCESS, run, timer, lastExit, besideRun, besideTimer }, { name: 'idle' });
}

function onDoom(state: ProcessState, exit: Exit): ProcessStep {
  if (state.phase.name !== 'idle') return stay(state);
  return to(state, { name: 'failed', why: 'unmet-need', exit }, notice({ type: 'doomed', exit }));
}

function onSpawned(spec: ProcessSpec, state: ProcessState, pid: number, { now }: Circumstances): ProcessStep {
  if (state.phase.name !== 'starting') return stay(state);
  const running = {
    ...({ name: 'running', pid, since: now } as const),
    ready: spec.readiness === 'started',
    ...(spec.readiness === 'probed' && ({ checked: true } as const)),
  };
  const started = notice({ type: 'started', run: state.run, pid });
  const { state: next, effects } = attend(spec, state, running);
  return { state: next, effects: [started, ...effects] };
}

function onRefused(spec: ProcessSpec, state: ProcessState, exit: Exit, at: Circumstances): ProcessStep {
  if (state.phase.name !== 'starting') return stay(state);
  // That is what was asked for, and no failure; another start may have been asked for since.
  if (state.phase.isCalledOff === true)
    return state.want === 'up' ? start(spec, state) : to(state, { name: 'idle' });
  const told = notice({ type: 'refused', exit });
  const refused = { ...state, lastExit: exit };
  if (state.want === 'down') return to(refused, { name: 'idle' }, told);
  const next = afterEnd(spec, refused, { exit, ranMs: 0, asked: false }, at);
  return { state: next.state, effects: [told, ...next.effects] };
}

function onReady(spec: ProcessSpec, state: ProcessState, { now }: Circumstances): ProcessStep {
  const { phase, run } = state;
  if (phase.name !== 'running' || phase.ready) return stay(state);
  const afterMs = Math.round(now - phase.since);
  const isUsual = spec.isReadinessUsual === true;
  return to(state, { ...phase, ready: true }, notice({ type: 'ready', run, afterMs, isUsual }));
}

/** One that is left alone until it is stopped stays: its stop is due anyway. */
function onUnready(
  spec: ProcessSpec,
  state: ProcessState,
  { exit, isUnhealthy }: Extract<ProcessEvent, { type: 'unready' }>,
): ProcessStep {
  if (state.phase.name !== 'running' || state.want !== 'up') return stay(state);
  const { state: next, effects } = climb(spec, state, state.phase, 0);
  const { phase } = next;
  const judged = phase.name === 'stopping' ? { ...phase, verdict: { exit, isUnhealthy } } : phase;
  return {
    state: { ...next, phase: judged },
    effects: [notice({ type: 'unready', exit, isUnhealthy }), ...effects],
  };
}

/** Whatever it was stopped for: now it is on request. */
function onRequest(phase: Extract<Phase, { name: 'stopping' }>): Phase {
  const { name, pid, since, rung, hooked } = phase;
  return phase.verdict === undefined ? phase : { name, pid, since, rung, ...(hooked && { hooked }) };
}

function onExited(
  spec: ProcessSpec,
  state: ProcessState,
  { exit, survivors }: Extract<ProcessEvent, { type: 'exited' }>,
  at: Circumstances,
): ProcessStep {
  const { phase } = state;
  if (phase.name === 'failed' && phase.why === 'unkillable')
    return onLateExit(state, phase.pid, exit, survivors);
  if (phase.name !== 'running' && phase.name !== 'stopping') return stay(state);
  const { verdict } = phase.name === 'stopping' ? phase : {};
  const isStopping = phase.name === 'stopping';
  const asked = isStopping && verdict === undefined;
  const told = [
    notice({ type: 'exited', run: state.run, exit, asked: isStopping }),
    ...(isOfEmptyStdin(spec, exit, asked, at.now - phase.since) ? [notice({ type: 'stdin-was-empty' })] : []),
  ];
  const judged = { exit, isUnhealthy: false, ...verdict };
  const ended = { ...judged, ranMs: at.now - phase.since, asked };
  const over = { ...state, lastExit: judged.exit };
  const next = survivors ? clear(spec, over, phase, ended) : afterRun(spec, over, ended, at);
  const hasTimer = isStopping || isTimed(state.want);
  const disarmed: readonly ProcessEffect[] = hasTimer && !survivors ? [{ type: 'cancel-timer' }] : [];
  return { state: next.state, effects: [...told, ...disarmed, ...next.effects] };
}

/** Watchers that are to end with their terminal take the end of their stdin for its end, and succeed. */
const SOON_MS = 2_000;

function isOfEmptyStdin(spec: ProcessSpec, exit: Exit, asked: boolean, ranMs: number): boolean {
  return spec.stdinIsEmpty === true && !asked && !isFailure(exit) && ranMs < SOON_MS;
}

/** SIGKILL has reached its whole group; what that does not end either is waited for without any haste. */
function onLateExit(state: ProcessState, pid: number, exit: Exit, survivors: boolean): ProcessStep {
  const told = notice({ type: 'exited', run: state.run, exit, asked: true });
  const over = { ...state, lastExit: exit };
  const next = survivors ? stay(over) : afterLateEnd(over);
  const watch: readonly ProcessEffect[] = survivors ? [{ type: 'watch-survivors', run: state.run, pid }] : [];
  return { state: next.state, effects: [told, ...watch, ...next.effects] };
}

/** Its hooks have the last word: what follows waits for them. */
function afterRun(spec: ProcessSpec, state: ProcessState, ended: Ended, at: Circumstances): ProcessStep {
  if (spec.hooks?.end !== true) return afterEnd(spec, state, ended, at);
  const { exit, ranMs, asked, isUnhealthy } = ended;
  const ending = { name: 'ending', exit, ranMs, asked, ...(isUnhealthy && { isUnhealthy }) } as const;
  return to(state, ending, { type: 'run-end-hooks', run: state.run });
}

function onCleared(spec: ProcessSpec, state: ProcessState, at: Circumstances): ProcessStep {
  if (isUnkillable(state.phase)) return afterLateEnd(state);
  if (state.phase.name === 'ending') return afterEnd(spec, state, state.phase, at);
  if (state.phase.name !== 'clearing') return stay(state);
  const { state: next, effects } = afterRun(spec, state, state.phase, at);
  return { state: next, effects: [{ type: 'cancel-timer' }, ...effects] };
}
