/**
 * One mailbox, one writer. Whatever happens (a request, an exit, a timer) becomes an event in one queue; the fleet
 * decides, `perform` does, and what comes of it returns as events. Events that arrive while an effect is performed
 * wait until the step is over, so every effect is performed in the order in which it was decided.
 */
import type { Cause, Verb } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { FleetEffect, FleetEvent, FleetSpec, FleetState } from '../core/fleet/state.ts';
import { newFleet } from '../core/fleet/state.ts';
import { stepFleet } from '../core/fleet/step.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';
import { createPerformer } from './perform.ts';
import { createPlan } from './plan.ts';
import type { SupervisorOptions } from './supervisor-options.ts';

/** What it can be told without an answer. */
export type News = Exclude<FleetEvent, { type: 'request' | 'reform' }>;

export interface Supervisor {
  readonly state: FleetState;
  /** What is run for each member: those of the latest plan in its order, then whoever is departing. */
  readonly instances: ReadonlyMap<string, InstanceSpec>;
  /** Resolves when it has happened to every name, or cannot happen; even after the end. Never rejects. */
  ask(verb: Verb, names: readonly string[], cause: Cause): Promise<readonly TicketResult[]>;
  /**
   * The members are those of `spec` from now on, and each is spawned as `instances` says, in `root`. Newcomers wait to
   * be asked for, those that changed run on as they are, whoever is not named is stopped.
   */
  reform(spec: FleetSpec, instances: readonly InstanceSpec[], root: string): void;
  send(event: News): void;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, random, links, on } = options;
  const mailbox: (() => void)[] = [];
  const askers = new Map<number, (results: readonly TicketResult[]) => void>();
  const plan = createPlan(options.instances, options.root);
  let state = newFleet(options.spec);
  let tickets = 0;
  let isStepping = false;

  const send = (event: FleetEvent): void => post(() => step(event));
  const perform = createPerformer(options, plan, (name, event) => send({ type: 'process', name, event }));

  const post = (deed: () => void): void => {
    mailbox.push(deed);
    if (isStepping) return;
    isStepping = true;
    for (let next = mailbox.shift(); next !== undefined; next = mailbox.shift()) next();
    isStepping = false;
  };

  const step = (event: FleetEvent): void => {
    const { state: next, effects } = stepFleet(state, event, { now: clock.now(), random: random() });
    state = next;
    for (const effect of effects) carryOut(effect);
    plan.keepOnly(state.members);
    links.keepOnly(state.members);
    on.changed?.();
  };

  const carryOut = (effect: FleetEffect): void => {
    switch (effect.type) {
      case 'process':
        return perform(effect.name, effect.effect);
      case 'record':
        return on.record(effect.event);
      case 'settle':
        askers.get(effect.ticket)?.(effect.results);
        askers.delete(effect.ticket);
        return;
      case 'end-writing':
        return links.endWriting(effect.reader);
      case 'end-reading':
        return links.endReading(effect.reader);
      case 'finish':
        return on.finished(effect.status);
    }
  };

  return {
    get state() {
      return state;
    },
    get instances() {
      return plan.instances;
    },
    ask: (verb, names, cause) =>
      new Promise((resolve) => {
        const ticket = (tickets += 1);
        askers.set(ticket, resolve);
        post(() => {
          if (names.length > 0) on.record({ type: 'requested', verb, names, cause });
          step({ type: 'request', ticket, verb, names });
        });
      }),
    reform: (spec, instances, root) =>
      post(() => {
        if (state.finished) return;
        plan.replace(instances, root);
        step({ type: 'reform', spec });
      }),
    send,
  };
}
