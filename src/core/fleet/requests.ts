/** Requests, and the tickets that promise them an answer. */
import { inOrder } from './agenda.ts';
import { giveGrace, stepMember, type Draft } from './draft.ts';
import { followEnds } from './follow.ts';
import { hurryUp } from './hurry-up.ts';
import type { FleetEffect, FleetEvent, FleetSpec, FleetState } from './state.ts';
import { addAsk, declineAsk, openTicket, supersede } from './asks.ts';
import type { Member } from './member.ts';
import { startNeeds } from './start-needs.ts';
import { answerTo, askOf, resultOf, SUPERSEDED, unknownResult, type Verb } from './tickets.ts';

type Request = Extract<FleetEvent, { type: 'request' }>;

export function request(
  draft: Draft,
  { ticket, verb, names, graceMs, needs = 'start', rolling, ...more }: Request,
): void {
  const { known, unknown } = split(draft.state, verb, names);
  openTicket(draft, ticket, known.length, unknown);
  draft.state.rolls ??= more.rolls ?? null;
  // Nothing is started any more while the run ends.
  const isHeard = draft.state.closing === null || verb === 'stop';
  const isInTurn = verb === 'stop' && areSeveral(draft.state.spec, known);
  // A restart stops in the order of a stop, without waiting.
  for (const place of verb === 'restart' ? known.toReversed() : known) {
    if (!isHeard) {
      declineAsk(draft, place, ticket, verb);
      continue;
    }
    supersede(draft, place, verb);
    if (verb !== 'start') giveGrace(draft, place, graceMs ?? null);
    const rolls = verb === 'restart' && draft.state.rolls?.canRoll(draft, place, rolling) === true;
    addAsk(draft, place, ticket, verb, isInTurn, needs === 'ignore');
    if (rolls) {
      draft.state.rolls?.request(draft, place);
      continue;
    }
    if (verb === 'restart') draft.state.rolls?.callOff(draft, place);
    hurryUp(draft, place, verb, needs === 'ignore');
  }
  if (verb === 'stop') return known.toReversed().forEach((place) => stopAgain(draft, place));
  if (!isHeard) return;
  followEnds(draft, needs === 'start' ? startNeeds(draft, known) : new Set(known));
}

/** Instances of several processes. */
function areSeveral({ ranks }: FleetSpec, known: readonly number[]): boolean {
  const [first = -1] = known;
  return known.some((place) => ranks[place] !== ranks[first]);
}

/** A departing member can be stopped, and is unknown to every other request. */
function isKnown(verb: Verb, member: Member | undefined): boolean {
  return member !== undefined && (verb === 'stop' || !member.departing);
}

/** Each name once: those that are known by their places, in the order of these. */
function split({ spec, members }: FleetState, verb: Verb, names: readonly string[]) {
  const known: number[] = [];
  const unknown: string[] = [];
  for (const name of new Set(names)) {
    const place = spec.places.get(name);
    if (place !== undefined && isKnown(verb, members.at(place))) known.push(place);
    else unknown.push(name);
  }
  return { known: inOrder(known), unknown };
}

/** It may have been asked before: then it does not wait for its hooks any more. */
function stopAgain(draft: Draft, place: number): void {
  const { phase, want } = draft.state.members.at(place)?.process ?? {};
  if (phase?.name === 'stopping' && phase.hooked === true && want === 'down')
    stepMember(draft, place, { type: 'want', want: 'down' });
}

/** After the end a request is still answered; nothing else is heard. */
export function refuse(state: FleetState, event: FleetEvent): readonly FleetEffect[] {
  if (event.type === 'claim')
    return [{ type: 'refused', claim: event.claim, message: 'the supervisor has ended' }];
  if (event.type !== 'request') return [];
  const { ticket, verb, names } = event;
  const { known, unknown } = split(state, verb, names);
  const results = known.flatMap((place) => {
    const [one, member] = [state.spec.members[place], state.members.at(place)];
    if (one === undefined || member === undefined) return [];
    const asked = askOf(ticket, verb, member.process);
    const answer = verb === 'stop' ? answerTo(asked, member.process, one) : SUPERSEDED;
    return resultOf(one.name, asked, answer ?? SUPERSEDED);
  });
  return [{ type: 'settle', ticket, results: [...unknown.map(unknownResult), ...results] }];
}
