/**
 * The fleet is level-triggered: an event changes goals, members or one process, then every member is asked what is
 * missing between its goal and its state, again and again until nothing moves. So it does not matter in which order
 * things happen, and none can be missed. What a goal may do at once is decided in `needs.ts`: a start waits for what is
 * needed, a stop waits (`drain`) until the dependents are gone.
 */
import { close, finish } from './closing.ts';
import { stepMember, type Draft } from './draft.ts';
import { dropDeparted, reform } from './reform.ts';
import { refuse, request, settleTickets } from './requests.ts';
import { forward, signal } from './signals.ts';
import type { FleetEffect, FleetEvent, FleetState } from './state.ts';
import { settleMembers } from './steering.ts';
import type { ProcessEvent } from '../process/state.ts';
import type { Circumstances } from '../process/transitions.ts';
import { closings, isLastWord } from './stages.ts';

export interface FleetStep {
  readonly state: FleetState;
  readonly effects: readonly FleetEffect[];
}

export function stepFleet(state: FleetState, event: FleetEvent, at: Circumstances): FleetStep {
  if (state.finished) return { state, effects: refuse(state, event) };
  const draft: Draft = { at, before: state, state, effects: [] };
  handle(draft, event);
  settleMembers(draft);
  draft.effects.push(...closings(draft));
  settleTickets(draft);
  dropDeparted(draft);
  // The request that starts the newcomers follows a reform: it must not come too late.
  if (event.type !== 'reform') finish(draft);
  return { state: draft.state, effects: draft.effects };
}

function handle(draft: Draft, event: FleetEvent): void {
  switch (event.type) {
    case 'request':
      return request(draft, event.ticket, event.verb, event.names);
    case 'reform':
      return reform(draft, event.spec);
    case 'close':
      return close(draft, event.cause, event.signal);
    case 'signal':
      return signal(draft, event.names, event.signal);
    case 'forward':
      return forward(draft, event.signal);
    case 'process':
      return onProcess(draft, event.name, event.event);
  }
}

function onProcess(draft: Draft, name: string, event: ProcessEvent): void {
  const { state } = draft;
  const spec = state.spec.byName.get(name);
  if (spec !== undefined && isLastWord(state, spec, event))
    stepMember(draft, name, { type: 'want', want: 'drain' });
  stepMember(draft, name, event);
}
