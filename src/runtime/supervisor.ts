/**
 * One mailbox, one writer. Whatever happens (a request, an exit, a timer) becomes an event in one queue; the fleet
 * decides, `perform` does, and what comes of it returns as events. Events that arrive while an effect is performed
 * wait until the step is over, so every effect is performed in the order in which it was decided.
 */
import type { InstanceSpec } from '../core/app-spec.ts';
import type { FleetEffect, FleetEvent, FleetNotice, FleetSpec, FleetState } from '../core/fleet-state.ts';
import { newFleet } from '../core/fleet-state.ts';
import { stepFleet } from '../core/fleet.ts';
import type { ProcessNotice } from '../core/process-state.ts';
import type { TicketResult } from '../core/tickets.ts';
import type { Clock, Families, Guard, Launcher } from '../ports.ts';
import { createPerformer } from './perform.ts';

/** Where the output of one run goes. */
export interface RunOutput {
  /** Takes over the read end of the run's pipe. */
  attach(fd: number, instance: InstanceSpec): AttachedOutput;
}

export interface AttachedOutput {
  /** Prints the last words; `ended` is false when somebody still holds the pipe. */
  finish(done: (ended: boolean) => void): void;
}

export interface SupervisorOptions {
  readonly spec: FleetSpec;
  readonly instances: readonly InstanceSpec[];
  readonly root: string;
  /** Begins the mark of every run of this supervisor; unique on this machine. */
  readonly mark: string;
  readonly launcher: Launcher;
  readonly families: Families;
  readonly guard: Guard;
  readonly output: RunOutput;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly on: SupervisorEvents;
}

export interface SupervisorEvents {
  /** Comes after the last words of the run that it tells of. */
  processNotice(name: string, notice: ProcessNotice): void;
  fleetNotice(notice: FleetNotice): void;
  settled(ticket: number, results: readonly TicketResult[]): void;
  /** Everything has ended. Called once. */
  finished(status: number): void;
}

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
