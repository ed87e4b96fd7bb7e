/**
 * The fleet is level-triggered: an event changes goals or one process, then every member is asked what is missing
 * between its goal and its state, again and again until nothing moves. So it does not matter in which order things
 * happen, and none can be missed. What a goal may do at once is decided in `needs.ts`: a start waits for what is
 * needed, a stop waits (`drain`) until the dependents are gone.
 */
import { close, finish } from './fleet-closing.ts';
import { stepMember, type Draft } from './fleet-draft.ts';
import { refuse, request, settleTickets } from './fleet-requests.ts';
import type { FleetEffect, FleetEvent, FleetSpec, FleetState } from './fleet-state.ts';
import { settleMembers } from './fleet-steering.ts';
import type { Circumstances } from './process-step.ts';
import type { SignalName } from './signals.ts';

export interface FleetStep {
  readonly state: FleetState;
  readonly effects: readonly FleetEffect[];
}

export function stepFleet(
  spec: FleetSpec,
  state: FleetState,
  event: FleetEvent,
  at: Circumstances,
): FleetStep {
  if (state.finished) return { state, effects: refuse(event) };
  const draft: Draft = { spec, at, state, effects: [] };
  handle(draft, event);
  settleMembers(draft);
  settleTickets(draft);
  finish(draft);
  return { state: draft.state, effects: draft.effects };
}

function handle(draft: Draft, event: FleetEvent): void {
  switch (event.type) {
    case 'request':
      return request(draft, event.ticket, event.verb, event.names);
    case 'close':
      return close(draft, event.cause, event.signal);
    case 'forward':
      return forward(draft, event.signal);
    case 'process':
      return stepMember(draft, event.name, event.event);
  }
}

function forward(draft: Draft, signal: SignalName): void {
  for (const [name, { process }] of draft.state.members) {
    if (process.phase.name !== 'running') continue;
    const effect = {
      type: 'signal',
      run: process.run,
      pid: process.phase.pid,
      signal,
      reach: 'group',
    } as const;
    draft.effects.push({ type: 'process', name, effect });
  }
}
