import { isFailure, isLasting, type Exit } from './exit.ts';
import type { SignalName } from './signals.ts';

export type RestartMode = 'never' | 'on-failure' | 'always';

/**
 * Whether and when a process that exited by itself is restarted. Delay and give-up are separate rules: the delay grows
 * with each restart and is reset after a healthy run; giving up counts restarts within a window, whatever the delays.
 */
export interface RestartPolicy {
  readonly mode: RestartMode;
  /** Before the first restart; doubled each time. 0 means at once, every time. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** A run of at least this length resets the delay. */
  readonly healthyAfterMs: number;
  /** More restarts than `restarts` within `withinMs` would be needed: failed for good. */
  readonly giveUp: { readonly restarts: number; readonly withinMs: number };
}

export const RESTART_DEFAULTS: RestartPolicy = {
  mode: 'never',
  delayMs: 500,
  maxDelayMs: 30_000,
  healthyAfterMs: 30_000,
  giveUp: { restarts: 5, withinMs: 60_000 },
};

/**
 * Up to this share is added to each delay, so that processes that died together do not come back together. The longest
 * delay is not exceeded: there the share is taken off.
 */
const JITTER = 0.1;
/** More than anybody can wait for, and far from what a number can hold. */
const MOST_DOUBLINGS = 50;

export interface RestartHistory {
  /** Restarts since the last healthy run. */
  readonly streak: number;
  /** When the recent restarts were decided, in milliseconds; those outside the give-up window are dropped. */
  readonly times: readonly number[];
}

export const NO_RESTARTS: RestartHistory = { streak: 0, times: [] };

export type RestartDecision =
  | { readonly restart: true; readonly delayMs: number; readonly history: RestartHistory }
  | { readonly restart: false; readonly because: 'policy' | 'gave-up' };

/** Signals that ask a program to end, as in systemd: an end by one of them was wanted by somebody. */
const STOP_SIGNALS: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE'];
/** Of programs that handle such a signal and then exit as a shell would report it; SIGPIPE has no such custom. */
const STOP_STATUSES: readonly number[] = [143, 130, 129];

/**
 * Whether `on-failure` brings a program back. For all else (statuses, needs, outcome) an end by a signal is a failure.
 */
function isCrash(exit: Exit): boolean {
  if (!isFailure(exit)) return false;
  if (exit.by === 'signal') return !STOP_SIGNALS.includes(exit.signal);
  return !(exit.by === 'code' && STOP_STATUSES.includes(exit.code));
}

/** `random` is in [0, 1). */
export function decideRestart(
  policy: RestartPolicy,
  history: RestartHistory,
  ended: { readonly exit: Exit; readonly ranMs: number; readonly now: number; readonly random: number },
): RestartDecision {
  const wanted = policy.mode === 'always' || (policy.mode === 'on-failure' && isCrash(ended.exit));
  if (!wanted || isLasting(ended.exit)) return { restart: false, because: 'policy' };

  const recent = history.times.filter((time) => ended.now - time < policy.giveUp.withinMs);
  if (recent.length >= policy.giveUp.restarts) return { restart: false, because: 'gave-up' };

  const streak = ended.ranMs >= policy.healthyAfterMs ? 0 : history.streak;
  const { delayMs, maxDelayMs } = policy;
  const grown = Math.min(delayMs * 2 ** Math.min(streak, MOST_DOUBLINGS), maxDelayMs);
  const spread = grown * JITTER;
  return {
    restart: true,
    delayMs: Math.round(Math.min(grown, maxDelayMs - spread) + spread * ended.random),
    history: { streak: streak + 1, times: [...recent, ended.now] },
  };
}
