/** What must hold of one run that is checked, told from what it is asked, what is answered, and what is told of it. */
import type { Answer } from '../../src/core/check/answer.ts';
import type { Check, HealthPlan } from '../../src/core/check/check.ts';
import type { InstanceFact } from '../../src/core/events.ts';
import type { ServicePlan } from '../../src/core/plan/process-plan.ts';

export interface RunFacts {
  readonly plan: ServicePlan;
  readonly run: number;
  readonly now: () => number;
  readonly blame: (what: string) => void;
  /** When the line is printed that means failure. */
  readonly failsAt: number | null;
}

export interface RunOracle {
  asked(check: Check, run: number): void;
  closed(check: Check): void;
  answering(check: Check, answer: Answer): void;
  answered(): void;
  changing(): void;
  changed(): void;
  ready(): void;
  unready(message: string, isUnhealthy: boolean): void;
  told(fact: InstanceFact): void;
  stopped(): void;
  /** All that was due until now has happened. */
  look(): void;
}

/** The contract, in figures of our own. */
const FIRST_MS = 50;
const LAST_MS = 1000;
const SETTLED_MS = 250;
const LONG_MS = 30_000;
const ASKED_AGAIN: ReadonlySet<Check['kind']> = new Set(['listening', 'tcp', 'http', 'exec']);
/** Of its own, and open for good. */
export const REAL_SOCKET = 'real';
export const PORT = 5000;
export const FAIL_PATTERN = 'cannot';
export const isSearchForFailure = (check: Check): boolean =>
  check.kind === 'log' && check.pattern === FAIL_PATTERN;

/** Null: nothing makes it ready. */
export function readyChecksOf({ ready, kind, name }: ServicePlan): readonly Check[] | null {
  if (ready !== undefined) return ready.checks;
  if (kind === 'task') return null;
  return [name === 'web' ? { kind: 'listening' } : { kind: 'delay', ms: 1000 }];
}

export function createRunOracle({ plan, run, now, blame, failsAt }: RunFacts): RunOracle {
  const startedAt = now();
  const wanted = readyChecksOf(plan);
  const withinMs = plan.ready?.withinMs;
  const health = createHealthOracle(plan.health, now, blame);
  const open = new Set<Check>();
  const held = new Set<Check>();
  /** By when each is to be asked. */
  const dueBy = new Map<Check, number>();
  const outdated = new Set<Check>();
  const settled = new Map<Check, number>();
  let state: 'checked' | 'ready' | 'over' | 'stopped' = 'checked';
  let isChanging = false;
  let isLongTold = false;
  /** The plan may leave its checks to us: then what is asked is another object. */
  const own = (check: Check): Check =>
    plan.ready === undefined ? (wanted?.find(({ kind }) => kind === check.kind) ?? check) : check;

  for (const check of wanted ?? [])
    if (check.kind !== 'delay') dueBy.set(check, startedAt + (ASKED_AGAIN.has(check.kind) ? FIRST_MS : 0));
  if (wanted === null) health.begin();

  const holds = (check: Check): boolean =>
    check.kind === 'delay' ? now() >= startedAt + check.ms : held.has(check);
  const isForHealth = (check: Check): boolean =>
    plan.health?.checks.includes(check) === true && (state === 'ready' || wanted === null);

  function judge(check: Check, answer: Answer): boolean {
    if (answer.is !== 'listens') return answer.is === 'yes';
    if (answer.sockets === null) return false;
    if (!answer.sockets.some(({ inode }) => inode === REAL_SOCKET)) settled.delete(check);
    else settled.set(check, settled.get(check) ?? now());
    return now() - (settled.get(check) ?? Infinity) >= SETTLED_MS;
  }

  return {
    asked(check, of) {
      if (of !== run) blame(`run ${String(of)} is asked instead of ${String(run)}`);
      if (state === 'stopped' || state === 'over') blame(`${check.kind} is asked of a run that is ${state}`);
      if (open.has(check)) blame(`${check.kind} is asked twice at a time`);
      open.add(check);
      if (isSearchForFailure(check)) return;
      if (isForHealth(check)) {
        health.asked(check);
        return;
      }
      if (state === 'ready') blame(`${check.kind} is asked of a run that is ready`);
      const one = own(check);
      if (held.has(one)) blame(`${check.kind} is asked again, though it has held`);
      if (isChanging && check.kind === 'exec') blame('a command is run for a new socket');
      dueBy.delete(one);
    },
    closed: (check) => void open.delete(check),
    answering(check, answer) {
      if (isForHealth(check)) {
        health.answering(check, answer);
        return;
      }
      if (isSearchForFailure(check)) return;
      const one = own(check);
      if (judge(one, answer)) held.add(one);
      else if (ASKED_AGAIN.has(check.kind)) {
        const againMs = Math.min(answer.is === 'no' ? (answer.againMs ?? LAST_MS) : LAST_MS, LAST_MS);
        dueBy.set(one, now() + (outdated.has(one) ? 0 : againMs));
      }
      outdated.delete(one);
    },
    answered: () => health.answered(),
    changing() {
      isChanging = true;
      for (const check of open)
        if (ASKED_AGAIN.has(check.kind) && check.kind !== 'exec') outdated.add(own(check));
    },
    changed: () => void (isChanging = false),
    ready() {
      if (state !== 'checked') blame(`ready is told of a run that is ${state}`);
      if (wanted?.every(holds) !== true) blame('it is told to be ready, and is not');
      state = 'ready';
      health.begin();
    },
    unready(message, isUnhealthy) {
      if (isUnhealthy) {
        health.told('restart', message);
        return;
      }
      if (state !== 'checked') blame(`it is told not to be ready, and is ${state}`);
      const isLate = message.startsWith('not ready within') && now() === startedAt + (withinMs ?? NaN);
      const isSaid = message === 'its output says: it is said' && now() === failsAt;
      if (!isLate && !isSaid) blame(`it is told: ${message}`);
      state = 'over';
    },
    told(fact) {
      if (fact.type === 'unhealthy') {
        health.told('warn', fact.words);
        return;
      }
      if (fact.type === 'healthy') {
        health.told('warn', null);
        return;
      }
      const isDue = fact.type === 'not-ready-yet' && now() === startedAt + LONG_MS && wanted !== null;
      if (!isDue || isLongTold || state !== 'checked') blame(`${fact.type} is told`);
      isLongTold = true;
    },
    stopped: () => void (state = 'stopped'),
    look() {
      if (state === 'ready' || (wanted === null && state === 'checked')) health.look();
      if (state !== 'checked') return;
      if (wanted?.every(holds) === true) blame('it is ready, and nobody is told');
      if (withinMs !== undefined && now() >= startedAt + withinMs) blame('it is not ready in time, untold');
      if (failsAt !== null && now() >= failsAt) blame('its output says that it has failed, untold');
      if (wanted !== null && now() >= startedAt + LONG_MS && !isLongTold)
        blame('nobody is told what is missing');
      for (const [{ kind }, at] of dueBy) if (at < now()) blame(`${kind} is not asked again`);
    },
  };
}

/** Rounds, and how many in a row have failed. */
function createHealthOracle(
  health: HealthPlan | undefined,
  now: () => number,
  blame: (what: string) => void,
) {
  const rounds = health?.checks.filter(({ kind }) => ASKED_AGAIN.has(kind)) ?? [];
  const { everyMs = 0, failures = 0 } = health ?? {};
  const awaited = new Set<Check>();
  const asked = new Set<Check>();
  let since = 0;
  let failure: string | undefined;
  let failed = 0;
  let isUnhealthy = false;
  /** What must be told in this turn: the words of a failure, or null for health. */
  let due: string | null | undefined;

  function endRound(): void {
    since = now();
    failed = failure === undefined ? 0 : failed + 1;
    if (failure === undefined && isUnhealthy) due = null;
    if (failure !== undefined && failed >= failures && !isUnhealthy) due = failure;
    isUnhealthy = failure !== undefined && (isUnhealthy || failed >= failures);
    failure = undefined;
    asked.clear();
  }

  return {
    begin: () => void (since = now()),
    asked(check: Check): void {
      if (!rounds.includes(check)) blame(`${check.kind} is no question about now`);
      if (now() !== since + everyMs) blame('a round begins at another time');
      awaited.add(check);
      asked.add(check);
    },
    answering(check: Check, answer: Answer): void {
      if (asked.size < rounds.length) blame('a round leaves something out');
      awaited.delete(check);
      const isListening =
        answer.is === 'listens' && (answer.sockets?.some(({ port }) => port === PORT) ?? true);
      if (answer.is === 'no') failure ??= answer.words;
      else if (answer.is === 'listens' && !isListening) failure ??= 'not listening';
      if (awaited.size === 0) endRound();
    },
    answered(): void {
      if (due !== undefined) blame('its health has changed, and nobody is told');
    },
    told(action: HealthPlan['action'], words: string | null): void {
      if (words !== null && action !== health?.action) blame(`its health asks for: ${action}`);
      if (words !== due) blame(`its health is told: ${words ?? 'healthy'}`);
      due = undefined;
    },
    look(): void {
      if (rounds.length > 0 && awaited.size === 0 && now() > since + everyMs) blame('no round begins');
    },
  };
}
