/** What follows a run of an instance: another run, after a delay or at once, or the end for good. */
import { isFailure, type Exit } from './exit.ts';
import type { ProcessSpec, ProcessState } from './state.ts';
import { notice, start, to, withoutPast, type Circumstances, type ProcessStep } from './transitions.ts';
import { decideRestart } from './restart-policy.ts';

/** How a run ended. `asked`: because that was requested. */
export interface Ended {
  readonly exit: Exit;
  readonly ranMs: number;
  readonly asked: boolean;
  /** It is restarted, whatever its policy. */
  readonly isUnhealthy?: boolean;
}

/** The next state of a process when nothing of its last run is left. */
export function afterEnd(
  spec: ProcessSpec,
  state: ProcessState,
  { exit, ranMs, asked, isUnhealthy = false }: Ended,
  { now, random }: Circumstances,
): ProcessStep {
  if (state.want === 'down') return to(state, asked ? { name: 'idle' } : { name: 'exited', exit });
  if (state.want !== 'up') return to(state, { name: 'exited', exit });
  if (asked) return start(spec, withoutPast(state));

  const policy = isUnhealthy ? ({ ...spec.restart, mode: 'always' } as const) : spec.restart;
  const decision = decideRestart(policy, state.history, { exit, ranMs, now, random });
  if (!decision.restart) return giveUp(spec, state, exit, decision.because);
  const { delayMs, history } = decision;
  const told = notice({ type: 'restarting', delayMs, restarts: history.times.length });
  if (delayMs === 0) {
    const { state: started, effects } = startAgain(spec, { ...state, history });
    return { state: started, effects: [told, ...effects] };
  }
  const timer = state.timer + 1;
  return to({ ...state, history, timer }, { name: 'backoff', exit }, told, {
    type: 'set-timer',
    timer,
    ms: delayMs,
  });
}

/**
 * What could not be killed has ended after all. It was told to be lost, and nobody waits for it any more: it is an
 * ordinary process that has ended, and can be started again.
 */
export function afterLateEnd(state: ProcessState): ProcessStep {
  const exit = state.lastExit ?? LOST;
  return to(state, state.want === 'down' ? { name: 'idle' } : { name: 'exited', exit });
}

const LOST: Exit = { by: 'signal', signal: 'SIGKILL' };

/** Brought back by the restart policy. */
export function startAgain(spec: ProcessSpec, state: ProcessState): ProcessStep {
  return start(spec, { ...state, restarts: state.restarts + 1 });
}

/** Repeated exits are a failure, even if each of them is a success. */
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
