/**
 * One mailbox, one writer. Whatever happens (a request, an exit, a timer) becomes an event in one queue; the fleet
 * decides, `perform` does, and what comes of it returns as events. Events that arrive while an effect is performed
 * wait until the step is over, so every effect is performed in the order in which it was decided.
 */
import type { FleetEffect, FleetEvent, FleetState } from '../core/fleet-state.ts';
import { newFleet } from '../core/fleet-state.ts';
import { stepFleet } from '../core/fleet.ts';
import { createPerformer } from './perform.ts';
import type { SupervisorOptions } from './supervisor-options.ts';

export interface Supervisor {
  readonly state: FleetState;
  send(event: FleetEvent): void;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { spec, clock, random, on } = options;
  const mailbox: FleetEvent[] = [];
  let state = newFleet(spec);
  let isStepping = false;

  const perform = createPerformer(options, (name, event) => send({ type: 'process', name, event }));

  const send = (event: FleetEvent): void => {
    mailbox.push(event);
    if (isStepping) return;
    isStepping = true;
    for (let next = mailbox.shift(); next !== undefined; next = mailbox.shift()) step(next);
    isStepping = false;
  };

  const step = (event: FleetEvent): void => {
    const { state: next, effects } = stepFleet(spec, state, event, { now: clock.now(), random: random() });
    state = next;
    for (const effect of effects) carryOut(effect);
  };

  const carryOut = (effect: FleetEffect): void => {
    switch (effect.type) {
      case 'process':
        return perform(effect.name, effect.effect);
      case 'process-notice':
        return on.processNotice(effect.name, effect.notice);
      case 'notice':
        return on.fleetNotice(effect.notice);
      case 'settle':
        return on.settled(effect.ticket, effect.results);
      case 'finish':
        return on.finished(effect.status);
    }
  };

  return {
    get state() {
      return state;
    },
    send,
  };
}
