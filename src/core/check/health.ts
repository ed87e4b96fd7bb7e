/**
 * Whether a run that is ready is well. All of its checks are asked in rounds, `everyMs` from the end of one to the
 * beginning of the next; a round with a no is a failure. So many failures in a row make it unhealthy, and one good round
 * makes it healthy again. Each of these changes is told once.
 */
import type { Answer } from './answer.ts';
import type { Check, HealthPlan } from './check.ts';
import { countingSockets, type PortRules } from './listening.ts';
import { isAskedAgain } from './readiness.ts';
import { missingWords } from './words.ts';

export interface HealthSpec extends Pick<HealthPlan, 'checks' | 'everyMs' | 'failures'> {
  readonly ports: Omit<PortRules, 'named'>;
}

export type HealthEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'timer' }
  | { readonly type: 'answer'; readonly key: number; readonly answer: Answer };

export type HealthEffect =
  | { readonly type: 'ask'; readonly key: number; readonly check: Check }
  | { readonly type: 'set-timer'; readonly ms: number }
  /** `words`: what the last failed check has seen. */
  | { readonly type: 'unhealthy'; readonly words: string }
  | { readonly type: 'healthy' };

export interface Health {
  /** Checks of this round that have not been answered. */
  readonly awaited: readonly number[];
  /** Of this round; the first that said no. */
  readonly failure: string | null;
  /** Rounds in a row. */
  readonly failed: number;
  readonly isUnhealthy: boolean;
}

export interface HealthStep {
  readonly state: Health;
  readonly effects: readonly HealthEffect[];
}

export const NEW_HEALTH: Health = { awaited: [], failure: null, failed: 0, isUnhealthy: false };

export function stepHealth(spec: HealthSpec, state: Health, event: HealthEvent): HealthStep {
  switch (event.type) {
    case 'begin':
      return { state, effects: [{ type: 'set-timer', ms: spec.everyMs }] };
    case 'timer':
      return beginRound(spec, state);
    case 'answer':
      return onAnswer(spec, state, event.key, event.answer);
  }
}

/** What is said once only (a line, a message) is no question about now. */
function beginRound(spec: HealthSpec, state: Health): HealthStep {
  const asked = [...spec.checks.entries()].filter(([, check]) => isAskedAgain(check));
  if (asked.length === 0) return { state, effects: [] };
  return {
    state: { ...state, awaited: asked.map(([key]) => key), failure: null },
    effects: asked.map(([key, check]) => ({ type: 'ask', key, check })),
  };
}

function onAnswer(spec: HealthSpec, state: Health, key: number, answer: Answer): HealthStep {
  const check = spec.checks[key];
  if (check === undefined || !state.awaited.includes(key)) return { state, effects: [] };
  const awaited = state.awaited.filter((one) => one !== key);
  const next = { ...state, awaited, failure: state.failure ?? failureOf(spec, check, answer) };
  return awaited.length > 0 ? { state: next, effects: [] } : endRound(spec, next);
}

function failureOf(spec: HealthSpec, check: Check, answer: Answer): string | null {
  switch (answer.is) {
    case 'yes':
      return null;
    case 'no':
    case 'impossible':
      return answer.words;
    case 'listens': {
      // That it cannot be told is no failure.
      if (answer.sockets === null) return null;
      const named = check.kind === 'listening' ? check.port : undefined;
      const isListening = countingSockets(answer.sockets, { ...spec.ports, named }).length > 0;
      return isListening ? null : missingWords(check);
    }
  }
}

function endRound(spec: HealthSpec, state: Health): HealthStep {
  const timer = { type: 'set-timer', ms: spec.everyMs } as const;
  if (state.failure === null) {
    const next = { ...state, failed: 0, isUnhealthy: false };
    return { state: next, effects: state.isUnhealthy ? [{ type: 'healthy' }, timer] : [timer] };
  }
  const failed = state.failed + 1;
  const turns = !state.isUnhealthy && failed >= spec.failures;
  return {
    state: { ...state, failed, isUnhealthy: state.isUnhealthy || turns },
    effects: turns ? [{ type: 'unhealthy', words: state.failure }, timer] : [timer],
  };
}
