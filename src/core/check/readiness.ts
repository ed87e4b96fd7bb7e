/**
 * When one run becomes ready, as a value and one pure function: which of its checks hold, when each of the others is asked
 * again, and what is missing meanwhile.
 *
 * `listening`, `tcp`, `http` and `exec` are asked again and again: after FIRST_MS, then twice as late each time, up to
 * LAST_MS, or as the answer says; and at once when something has `changed` (a new socket). A check is asked once at a
 * time. `log`, `notify` and `fd` are asked once and answer when something arrives; `delay` is a timer. A check that has
 * held once is not asked again. With the first moment at which all have held, or with a failure, everything ends.
 */
import type { Answer } from './answer.ts';
import type { Check } from './check.ts';
import { judgeListening, type PortRules, type Seen } from './listening.ts';
import { lastingWords, missingWords } from './words.ts';
import { formatDuration } from '../../text/duration.ts';

export interface ReadinessSpec {
  /** Null: nothing makes it ready; only its output is watched for a failure. */
  readonly checks: readonly Check[] | null;
  readonly withinMs?: number;
  /** A line of output that matches means that the start has failed. */
  readonly failLog?: string;
  /** Why `notify` may be waited for in vain; said with what is missing. */
  readonly notifyHint?: string;
  readonly ports: Omit<PortRules, 'named'>;
}

/** A check by its place, or the search for a line that means failure. */
export type CheckKey = number | 'fail';
export type ReadinessTimer = number | 'within' | 'long';

export type ReadinessEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'answer'; readonly key: CheckKey; readonly answer: Answer }
  | { readonly type: 'timer'; readonly timer: ReadinessTimer }
  /** A question that was answered with no may have another answer now. */
  | { readonly type: 'changed' };

export type ReadinessEffect =
  | { readonly type: 'ask'; readonly key: CheckKey; readonly check: Check }
  /** A timer of the same name replaces the earlier one. */
  | { readonly type: 'set-timer'; readonly timer: ReadinessTimer; readonly ms: number }
  /** It is over: no timer and no question is left. Comes before the verdict. */
  | { readonly type: 'end' }
  | { readonly type: 'ready' }
  | { readonly type: 'unready'; readonly message: string }
  | { readonly type: 'not-yet'; readonly words: string };

interface Progress {
  readonly holds: boolean;
  readonly isAsked: boolean;
  /** Answers that were no. */
  readonly misses: number;
  /** Something changed while it was being asked. */
  readonly isOutdated: boolean;
  readonly words: string;
  /** Since when the answer has been these words. */
  readonly sinceMs: number;
  readonly seen: Seen;
}

export interface Readiness {
  readonly isOver: boolean;
  readonly progress: readonly Progress[];
}

export interface ReadinessStep {
  readonly state: Readiness;
  readonly effects: readonly ReadinessEffect[];
}

const FIRST_MS = 50;
const LAST_MS = 1000;
/** A line says what is missing. */
export const LONG_MS = 30_000;
const LONGEST_LINE = 200;

export const newReadiness = (spec: ReadinessSpec): Readiness => ({
  isOver: false,
  progress: (spec.checks ?? []).map((check) => ({
    holds: false,
    isAsked: false,
    misses: 0,
    isOutdated: false,
    words: missingWords(check),
    sinceMs: 0,
    seen: new Map(),
  })),
});

export function stepReadiness(
  spec: ReadinessSpec,
  state: Readiness,
  event: ReadinessEvent,
  nowMs: number,
): ReadinessStep {
  if (state.isOver) return { state, effects: [] };
  switch (event.type) {
    case 'begin':
      return begin(spec, state, nowMs);
    case 'answer':
      return onAnswer(spec, state, event, nowMs);
    case 'timer':
      return onTimer(spec, state, event.timer, nowMs);
    case 'changed':
      return onChanged(spec, state);
  }
}

/** What is missing, in words. */
export function missingText(
  { checks, notifyHint }: ReadinessSpec,
  { progress }: Readiness,
  nowMs: number,
): string {
  const missing = progress.flatMap(({ holds, words, sinceMs }, key) => {
    if (holds) return [];
    const isHinted = notifyHint !== undefined && checks?.[key]?.kind === 'notify';
    return [`${lastingWords(words, sinceMs, nowMs)}${isHinted ? ` (${notifyHint})` : ''}`];
  });
  return missing.join(', ');
}

function begin(spec: ReadinessSpec, state: Readiness, nowMs: number): ReadinessStep {
  const { checks, withinMs, failLog } = spec;
  const effects: ReadinessEffect[] = [];
  if (failLog !== undefined)
    effects.push({ type: 'ask', key: 'fail', check: { kind: 'log', pattern: failLog } });
  if (withinMs !== undefined) effects.push({ type: 'set-timer', timer: 'within', ms: withinMs });
  if (checks !== null) effects.push({ type: 'set-timer', timer: 'long', ms: LONG_MS });
  for (const [key, check] of (checks ?? []).entries()) {
    if (check.kind === 'delay') effects.push({ type: 'set-timer', timer: key, ms: check.ms });
    else if (isAskedAgain(check)) effects.push({ type: 'set-timer', timer: key, ms: FIRST_MS });
    else effects.push({ type: 'ask', key, check });
  }
  const progress = state.progress.map((one) => ({ ...one, sinceMs: nowMs }));
  return verdict(spec, { ...state, progress }, effects);
}

function onAnswer(
  spec: ReadinessSpec,
  state: Readiness,
  { key, answer }: Extract<ReadinessEvent, { type: 'answer' }>,
  nowMs: number,
): ReadinessStep {
  if (answer.is === 'impossible') return end(state, { type: 'unready', message: answer.words });
  if (key === 'fail') {
    if (answer.is !== 'yes') return { state, effects: [] };
    const line = (answer.line ?? '').slice(0, LONGEST_LINE);
    return end(state, { type: 'unready', message: `its output says: ${line}` });
  }
  const [check, before] = [spec.checks?.[key], state.progress[key]];
  if (check === undefined || before === undefined || before.holds) return { state, effects: [] };
  if (answer.is === 'yes') return held(spec, state, key);
  if (answer.is === 'no')
    return missed(spec, state, key, { ...before, ...told(before, answer, nowMs) }, answer);
  const named = check.kind === 'listening' ? check.port : undefined;
  const look = judgeListening(answer.sockets, { ...spec.ports, named }, before.seen, nowMs);
  if (look.holds) return held(spec, state, key);
  return missed(spec, state, key, { ...before, ...told(before, look, nowMs), seen: look.seen }, look);
}

/** Since when the words have been the same. */
function told(before: Progress, { words }: { readonly words: string }, nowMs: number) {
  return words === before.words ? {} : { words, sinceMs: nowMs };
}

function held(spec: ReadinessSpec, state: Readiness, key: number): ReadinessStep {
  return verdict(spec, withProgress(state, key, { holds: true, isAsked: false }), []);
}

function missed(
  spec: ReadinessSpec,
  state: Readiness,
  key: number,
  { isOutdated, ...progress }: Progress,
  { againMs }: { readonly againMs?: number },
): ReadinessStep {
  const check = spec.checks?.[key];
  const misses = progress.misses + 1;
  const next = withProgress(state, key, { ...progress, misses, isAsked: false, isOutdated: false });
  if (check === undefined || !isAskedAgain(check)) return { state: next, effects: [] };
  const usualMs = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(misses, 10));
  const ms = isOutdated ? 0 : Math.min(againMs ?? usualMs, LAST_MS);
  return { state: next, effects: [{ type: 'set-timer', timer: key, ms }] };
}

function onTimer(spec: ReadinessSpec, state: Readiness, timer: ReadinessTimer, nowMs: number): ReadinessStep {
  if (timer === 'long')
    return { state, effects: [{ type: 'not-yet', words: missingText(spec, state, nowMs) }] };
  if (timer === 'within') {
    const limit = formatDuration(spec.withinMs ?? 0);
    const message = `not ready within ${limit}: ${missingText(spec, state, nowMs)}`;
    return end(state, { type: 'unready', message });
  }
  if (spec.checks?.[timer]?.kind === 'delay') return held(spec, state, timer);
  return ask(spec, state, timer);
}

function ask(spec: ReadinessSpec, state: Readiness, key: number): ReadinessStep {
  const [check, progress] = [spec.checks?.[key], state.progress[key]];
  if (check === undefined || progress === undefined || progress.holds || progress.isAsked)
    return { state, effects: [] };
  return { state: withProgress(state, key, { isAsked: true }), effects: [{ type: 'ask', key, check }] };
}

/** A command is not run for every new socket. */
function onChanged(spec: ReadinessSpec, state: Readiness): ReadinessStep {
  let next = state;
  const effects: ReadinessEffect[] = [];
  for (const [key, check] of (spec.checks ?? []).entries()) {
    if (!isAskedAgain(check) || check.kind === 'exec') continue;
    if (next.progress[key]?.isAsked === true) {
      next = withProgress(next, key, { isOutdated: true });
      continue;
    }
    const step = ask(spec, next, key);
    next = step.state;
    effects.push(...step.effects);
  }
  return { state: next, effects };
}

function verdict(spec: ReadinessSpec, state: Readiness, effects: readonly ReadinessEffect[]): ReadinessStep {
  const isReady = spec.checks !== null && state.progress.every(({ holds }) => holds);
  return isReady ? end(state, { type: 'ready' }) : { state, effects };
}

function end(state: Readiness, verdictOf: ReadinessEffect): ReadinessStep {
  return { state: { ...state, isOver: true }, effects: [{ type: 'end' }, verdictOf] };
}

function withProgress(state: Readiness, key: number, changes: Partial<Progress>): Readiness {
  return {
    ...state,
    progress: state.progress.map((one, at) => (at === key ? { ...one, ...changes } : one)),
  };
}

export function isAskedAgain({ kind }: Check): boolean {
  return kind === 'listening' || kind === 'tcp' || kind === 'http' || kind === 'exec';
}
