/**
 * The fleet is level-triggered: an event changes goals, members or one process, then members are asked what is missing
 * between their goals and their states, again and again until nothing moves. So it does not matter in which order things
 * happen, and none can be missed. What a goal may do at once is decided in `needs.ts`: a start waits for what is needed,
 * a stop waits (`drain`) until the dependents are gone. What the order of a stop adds is decided in `turns.ts`.
 *
 * Only those are asked that may give another answer than before (`looks.ts`): the one that has changed, its neighbours
 * in a pipeline, those that need its process, or are needed by it, when a count has changed that they go by
 * (`counts.ts`), and the process whose turn it is to be stopped. They are asked in the order of a pass through all members (`agenda.ts`), so that the effects are
 * those of a look at everybody, and come in the same order. That look is kept as `stepFleetThoroughly`: the simulation
 * lives both lives.
 *
 * Every state is a value, and an old one stays what it was. Its members are kept in chunks, which it shares with the one
 * before but for those that have changed (`slots.ts`), so a step costs what it touches, not what there is. Only a close
 * and a reform touch all.
 */
import { claim, unclaim } from './claims.ts';
import { close, finish } from './closing.ts';
import { putMember, stepMember, type Draft } from './draft.ts';
import { dropDeparted, reform } from './reform.ts';
import { refuse, request } from './requests.ts';
import { forward, signal } from './signals.ts';
import { Looks, namesAt } from './looks.ts';
import type { FleetEffect, FleetEvent, FleetState } from './state.ts';
import { awaitedBy } from './awaited.ts';
import { mustHold } from './needs.ts';
import type { MemberSpec } from './spec.ts';
import { settleMembers } from './steering.ts';
import { settleTickets } from './asks.ts';
import type { ProcessEvent } from '../process/state.ts';
import type { Circumstances } from '../process/transitions.ts';
import { closings, isLastWord } from './stages.ts';

export interface FleetStep {
  readonly state: FleetState;
  readonly effects: readonly FleetEffect[];
  /** Names of members that it has changed, taken in or dropped. */
  readonly changed: readonly string[];
}

export function stepFleet(state: FleetState, event: FleetEvent, at: Circumstances): FleetStep {
  return step(state, event, at, new Looks(false));
}

/** The same with a look at everybody after every change: what the simulation holds the looks of `stepFleet` against. */
export function stepFleetThoroughly(state: FleetState, event: FleetEvent, at: Circumstances): FleetStep {
  const looks = new Looks(true);
  looks.everybody(state.spec);
  return step(state, event, at, looks);
}

function step(before: FleetState, event: FleetEvent, at: Circumstances, looks: Looks): FleetStep {
  if (before.finished) return { state: before, effects: refuse(before, event), changed: [] };
  const state = { ...before, due: [] };
  const draft: Draft = { at, before, state, effects: [], looks, maker: {}, ends: [], answered: [] };
  lookAtDue(draft);
  handle(draft, event);
  settleMembers(draft);
  const { touched } = looks;
  tellWaiting(draft, touched);
  const changed = namesAt(draft.state.spec, touched);
  draft.effects.push(...closings(draft, touched));
  settleTickets(draft, touched);
  dropDeparted(draft, touched);
  // The request that starts the newcomers follows a reform: it must not come too late.
  if (event.type !== 'reform') finish(draft);
  return { state: draft.state, effects: draft.effects, changed };
}

/** Of those that have begun to wait, and did not only pass through it. */
function tellWaiting({ before, state, effects }: Draft, touched: readonly number[]): void {
  for (const place of touched) {
    const member = state.members.at(place);
    const spec = state.spec.members[place];
    if (spec === undefined || member === undefined || member.waitingSince === null) continue;
    if ((before.members.get(spec.name)?.waitingSince ?? null) !== null) continue;
    const event = { type: 'waiting', name: spec.name, needs: awaitedBy(state, spec) } as const;
    effects.push({ type: 'record', event });
  }
}

function lookAtDue({ before, looks }: Draft): void {
  before.due.forEach((name) => {
    const place = before.spec.places.get(name);
    if (place !== undefined) looks.changed(before.spec, place, before.members.at(place));
  });
}

function handle(draft: Draft, event: FleetEvent): void {
  switch (event.type) {
    case 'request':
      return request(draft, event);
    case 'reform':
      return reform(draft, event.spec);
    case 'close':
      return close(draft, event);
    case 'claim':
      return claim(draft, event.claim, event);
    case 'unclaim':
      return unclaim(draft, event.claim);
    case 'signal':
      return signal(draft, event.names, event.signal);
    case 'forward':
      return forward(draft, event.signal);
    case 'process':
      return onProcess(draft, event.name, event.event, event.isBeside === true);
  }
}

/** The end of its delay is kept until its needs are met again: a restart without them would only use up its attempts. */
function isHeldBack(draft: Draft, place: number, spec: MemberSpec, event: ProcessEvent): boolean {
  const member = draft.state.members.at(place);
  if (event.type !== 'timer' || spec.needs.length === 0 || member?.process.phase.name !== 'backoff')
    return false;
  if (event.timer !== member.process.timer || member.goal === 'down' || member.ranWithoutNeeds) return false;
  if (!mustHold(draft.state, spec)) return false;
  putMember(draft, place, member, { ...member, heldTimer: event.timer });
  return true;
}

function onProcess(draft: Draft, name: string, event: ProcessEvent, isBeside: boolean): void {
  const { state } = draft;
  const place = state.spec.places.get(name);
  const spec = place === undefined ? undefined : state.spec.members[place];
  if (place === undefined || spec === undefined) return;
  if (draft.state.rolls?.take(draft, place, event, isBeside) === true) return;
  if (isHeldBack(draft, place, spec, event)) return;
  // It is stopped anyway, as soon as those that need it have been.
  if (event.type === 'unready' && state.members.at(place)?.awaitsNeeds === true) return;
  if (isLastWord(state, spec, event)) stepMember(draft, place, { type: 'want', want: 'drain' });
  stepMember(draft, place, event);
}
