/**
 * When the clients of its sockets start a process, and when it is stopped because it has none. One machine for each process
 * with `autostart: on-demand` or `idle`; the supervisor starts and stops it, by ordinary requests.
 *
 *   off        it is down, and stays so: it was stopped on request, or nobody has started it yet
 *   waiting    it is down, and the next client starts it
 *   resting    it is down because it has ended by itself; the client that waits is seen when the time is over
 *   between    it is being started, or stopped, or restarted by its policy
 *   up         it runs; with `idle` it is looked whether it has clients
 *
 * A client waits in the backlog until it is accepted, so a program that ends without that would be started again at once,
 * over and over: each such end makes the rest longer, as a restart policy does.
 */
export interface DemandRule {
  /** It is stopped after so long without a client; undefined: never. */
  readonly idleMs: number | undefined;
  /** The first rest; doubled each time. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** A run of at least this length needs no rest. */
  readonly healthyAfterMs: number;
}

/** `down`: nothing of it lives, and its policy does not bring it back. `up`: it runs, and nothing is about to change. */
export type Standing = 'down' | 'between' | 'up';

export interface DemandState {
  readonly is: 'off' | 'waiting' | 'resting' | 'between' | 'up';
  /** Ends in a row that each came soon after the start. */
  readonly shortRuns: number;
  /** When it was up for the last time since it was down; null: it was not. */
  readonly upMs: number | null;
  /** When it had a client for the last time, or came up. */
  readonly busyMs: number;
  /** It is being stopped for want of clients. */
  readonly isIdle: boolean;
}

export const NEW_DEMAND: DemandState = { is: 'off', shortRuns: 0, upMs: null, busyMs: 0, isIdle: false };

export type DemandEvent =
  | {
      readonly type: 'stands';
      readonly standing: Standing;
      /** While it is down clients may start it. */
      readonly isArmed: boolean;
      /** Its policy has given up, or what it needs has failed. */
      readonly hasFailed: boolean;
    }
  /** A client waits to be accepted. */
  | { readonly type: 'client' }
  /** Whether it has had a client since the last look, or has one. */
  | { readonly type: 'looked'; readonly isBusy: boolean }
  | { readonly type: 'time' };

export type DemandEffect =
  /** Tell the next client, or one that waits already. */
  | { readonly type: 'watch' }
  | { readonly type: 'unwatch' }
  | { readonly type: 'start' }
  /** Answer with `looked`. */
  | { readonly type: 'look' }
  /** Stop it, unless it has a client at the last moment: then answer with `looked`. */
  | { readonly type: 'stop' }
  /** Of one timer, which the next replaces. */
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'cancel' };

export interface DemandStep {
  readonly state: DemandState;
  readonly effects: readonly DemandEffect[];
}

export function stepDemand(
  rule: DemandRule,
  state: DemandState,
  event: DemandEvent,
  nowMs: number,
): DemandStep {
  switch (event.type) {
    case 'stands':
      if (event.standing === 'down') return onDown(rule, state, event, nowMs);
      return event.standing === 'up' ? onUp(rule, state, nowMs) : onBetween(state);
    case 'client':
      if (state.is !== 'waiting') return stay(state);
      return { state: begun(state), effects: [{ type: 'unwatch' }, { type: 'start' }] };
    case 'looked':
      return state.is === 'up' ? onLooked(rule, state, event.isBusy, nowMs) : stay(state);
    case 'time':
      if (state.is === 'resting') return { state: { ...state, is: 'waiting' }, effects: [{ type: 'watch' }] };
      return state.is === 'up' ? { state, effects: [{ type: 'look' }] } : stay(state);
  }
}

const stay = (state: DemandState): DemandStep => ({ state, effects: [] });

/** It was down, and is not any more. */
const begun = (state: DemandState): DemandState => ({ ...state, is: 'between', upMs: null, isIdle: false });

/** What ends with a state. */
function left({ is }: DemandState): readonly DemandEffect[] {
  if (is === 'waiting') return [{ type: 'unwatch' }];
  return is === 'resting' || is === 'up' ? [{ type: 'cancel' }] : [];
}

function onDown(
  rule: DemandRule,
  state: DemandState,
  { isArmed, hasFailed }: Extract<DemandEvent, { type: 'stands' }>,
  nowMs: number,
): DemandStep {
  if (!isArmed) return { state: NEW_DEMAND, effects: left(state) };
  if (state.is === 'waiting' || state.is === 'resting') return stay(state);
  const ranMs = state.upMs === null ? 0 : nowMs - state.upMs;
  if (state.is === 'off' || state.isIdle || (ranMs >= rule.healthyAfterMs && !hasFailed))
    return { state: { ...NEW_DEMAND, is: 'waiting' }, effects: [...left(state), { type: 'watch' }] };
  const shortRuns = state.shortRuns + 1;
  const ms = hasFailed ? rule.maxDelayMs : Math.min(rule.delayMs * 2 ** (shortRuns - 1), rule.maxDelayMs);
  const resting = { ...NEW_DEMAND, is: 'resting', shortRuns } as const;
  return { state: resting, effects: [...left(state), { type: 'wait', ms }] };
}

function onBetween(state: DemandState): DemandStep {
  if (state.is === 'between') return stay(state);
  if (state.is === 'up') return { state: { ...state, is: 'between' }, effects: left(state) };
  return { state: begun(state), effects: left(state) };
}

function onUp(rule: DemandRule, state: DemandState, nowMs: number): DemandStep {
  if (state.is === 'up') return stay(state);
  const { idleMs } = rule;
  return {
    state: { ...state, is: 'up', upMs: nowMs, busyMs: nowMs, isIdle: false },
    effects: [
      ...left(state),
      ...(idleMs === undefined ? [] : ([{ type: 'wait', ms: lookEvery(idleMs) }] as const)),
    ],
  };
}

function onLooked({ idleMs }: DemandRule, state: DemandState, isBusy: boolean, nowMs: number): DemandStep {
  if (idleMs === undefined) return stay(state);
  const everyMs = lookEvery(idleMs);
  if (isBusy)
    return { state: { ...state, busyMs: nowMs, isIdle: false }, effects: [{ type: 'wait', ms: everyMs }] };
  const leftMs = state.busyMs + idleMs - nowMs;
  if (leftMs > 0) return { state, effects: [{ type: 'wait', ms: Math.min(everyMs, leftMs) }] };
  return { state: { ...state, isIdle: true }, effects: [{ type: 'wait', ms: everyMs }, { type: 'stop' }] };
}

/** Often enough that it is not stopped much later, and so seldom that it costs nothing: a look may take milliseconds. */
export const lookEvery = (idleMs: number): number => Math.min(Math.max(idleMs / 8, 100), 15_000);

/** What the user knows of the rest is the restart policy; without any delay there this is the least. */
const LEAST_DELAY_MS = 500;

export function demandRule(
  idleMs: number | undefined,
  restart: { readonly delayMs: number; readonly maxDelayMs: number; readonly healthyAfterMs: number },
): DemandRule {
  const delayMs = Math.max(restart.delayMs, LEAST_DELAY_MS);
  const maxDelayMs = Math.max(restart.maxDelayMs, delayMs);
  return { idleMs, delayMs, maxDelayMs, healthyAfterMs: restart.healthyAfterMs };
}
