/**
 * One mailbox, one writer. Whatever happens (a request, an exit, a timer) becomes an event in one queue; the fleet
 * decides, `perform` does, and what comes of it returns as events. Events that arrive while an effect is performed
 * wait until the step is over, so every effect is performed in the order in which it was decided.
 *
 * Nothing is expected to throw. Should an effect do so, it is our defect, but the children go on: the other effects and
 * events are performed all the same, and the error is thrown to whoever brought the event that set the queue going: a
 * request fails by it, and from a timer or the exit of a child it reaches the process's handler of uncaught exceptions.
 */
import type { Cause, Verb } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type {
  FleetEffect,
  FleetEvent,
  FleetSpec,
  FleetState,
  RequestOptions,
  Rolls,
} from '../core/fleet/state.ts';
import { newFleet } from '../core/fleet/state.ts';
import { stepFleet } from '../core/fleet/step.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';
import { createAskers } from './askers.ts';
import { createCapClaims, type CapClaims } from './cap-claims.ts';
import { doAll } from './do-all.ts';
import { createPerformer } from './perform.ts';
import { lives } from '../core/fleet/member.ts';
import { isUnkillable } from '../core/process/state.ts';
import { graceOf } from '../core/process/stop.ts';
import { createEarlierRuns } from './earlier-runs.ts';
import { createPlan } from './plan.ts';
import type { SupervisorOptions } from './supervisor-options.ts';

/** For an instance that is no member any more. */
const USUAL_GRACE_MS = 5000;

/** What it can be told without an answer. */
export type News = Exclude<FleetEvent, { type: 'request' | 'reform' | 'claim' | 'unclaim' }>;

export interface Supervisor {
  readonly state: FleetState;
  /** What is run for each member: those of the latest plan in its order, then whoever is departing. */
  readonly instances: ReadonlyMap<string, InstanceSpec>;
  /** Resolves when it has happened to every name, or cannot happen; even after the end. Rejects for a defect of ours only. `graceMs`: time before SIGKILL. */
  ask(
    verb: Verb,
    names: readonly string[],
    cause: Cause,
    how?: RequestOptions,
  ): Promise<readonly TicketResult[]>;
  /**
   * The members are those of `spec` from now on, and each is spawned as `instances` says, in `root`. Newcomers wait to
   * be asked for, those that changed run on as they are, whoever is not named is stopped.
   */
  reform(spec: FleetSpec, instances: readonly InstanceSpec[], root: string): void;
  /** Room in caps for a client. */
  readonly claim: CapClaims['claim'];
  send(event: News): void;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, random, links, on } = options;
  const mailbox: (() => void)[] = [];
  const askers = createAskers();
  const claims = createCapClaims((event) => send(event));
  const plan = createPlan(options.instances, options.root);
  let state = newFleet(options.spec);
  let isStepping = false;

  const send = (event: FleetEvent): void => post(() => step(event));
  const memberOf = (name: string) => state.members.get(name);
  const earlierRuns = createEarlierRuns({
    ...options,
    graceMs(name) {
      const [spec, member] = [state.spec.byName.get(name), state.members.get(name)];
      return spec === undefined || member === undefined ? USUAL_GRACE_MS : graceOf(spec, member.process);
    },
    isAlive(name) {
      const member = memberOf(name);
      return member !== undefined && (lives(member) || isUnkillable(member.process.phase));
    },
    record: (name, fact) => on.record({ name, ...fact }),
  });
  const performer = createPerformer(options, plan, earlierRuns, memberOf, (name, event, isBeside) =>
    send({ type: 'process', name, event, ...(isBeside && { isBeside }) }),
  );

  const post = (deed: () => void): void => {
    mailbox.push(deed);
    if (isStepping) return;
    isStepping = true;
    try {
      doAll(untilEmpty(mailbox), (next) => next());
    } finally {
      isStepping = false;
    }
  };

  const step = (event: FleetEvent): void => {
    const { state: next, effects, changed } = stepFleet(state, event, { now: clock.now(), random: random() });
    state = next;
    doAll(effects, carryOut);
    if (effects.some(({ type }) => type === 'dropped')) links.keepOnly(state.members);
    on.changed?.(changed);
  };

  const carryOut = (effect: FleetEffect): void => {
    switch (effect.type) {
      case 'process':
        return performer.perform(effect.name, effect.effect, effect.isBeside === true);
      case 'record':
        return on.record(effect.event);
      case 'settle':
        return askers.settle(effect.ticket, effect.results);
      case 'dropped':
        plan.forget(effect.name);
        earlierRuns.forget(effect.name);
        on.dropped?.(effect.name);
        return performer.forget(effect.name);
      case 'granted':
        return claims.answer(effect.claim);
      case 'refused':
        return claims.answer(effect.claim, effect.message);
      case 'end-writing':
        return links.endWriting(effect.reader);
      case 'end-reading':
        return links.endReading(effect.reader);
      case 'finish':
        return on.finished(effect.status, earlierRuns.tellSuspects());
    }
  };

  const isRolling = (verb: Verb, names: readonly string[], { rolling }: RequestOptions = {}): boolean =>
    verb === 'restart' && (rolling ?? names.some((name) => state.spec.byName.get(name)?.rolling === true));

  return {
    get state() {
      return state;
    },
    get instances() {
      return plan.instances;
    },
    async ask(verb, names, cause, how) {
      const rolls = isRolling(verb, names, how) ? await loadRolls() : undefined;
      const results = await askers.ask((ticket) =>
        post(() => {
          if (names.length > 0) on.record({ type: 'requested', verb, names, cause });
          step({ type: 'request', ticket, verb, names, ...how, rolls });
        }),
      );
      // Not at the end of all: that has its own sweep.
      if (verb === 'stop' && !state.finished) await earlierRuns.clearStopped(names);
      return results;
    },
    reform: (spec, instances, root) =>
      post(() => {
        if (state.finished) return;
        plan.replace(instances, root);
        step({ type: 'reform', spec });
      }),
    claim: (name, uses, gone) => claims.claim(name, uses, gone),
    send,
  };
}

/** Without its files procsup restarts in the ordinary way. */
const loadRolls = (): Promise<Rolls | undefined> =>
  import('../core/fleet/roll.ts').then(
    ({ ROLLS }) => ROLLS,
    () => undefined,
  );

/** What is added meanwhile is among it. */
function* untilEmpty<T>(queue: T[]): Generator<T> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield next;
}
