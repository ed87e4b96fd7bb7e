/** Tickets and their asks in a step: from a request to the one answer. */
import { inOrder } from './agenda.ts';
import { askedDown, putMember, type Draft } from './draft.ts';
import { isTwofold, type Member } from './member.ts';
import type { MemberSpec } from './spec.ts';
import { isUnkillable, type ProcessState } from '../process/state.ts';
import {
  answerTo,
  askOf,
  isContrary,
  newTicket,
  resultOf,
  resultsOf,
  SUPERSEDED,
  withResult,
  type Answer,
  type Ask,
  type Ticket,
  type Verb,
} from './tickets.ts';

/** Those that are not members have their answer at once. `open`: the number of the others. */
export function openTicket(draft: Draft, id: number, open: number, unknown: readonly string[]): void {
  putTicket(draft, id, newTicket(open, unknown));
}

/** One of the open names of a ticket, and the goal that it gives the member. `isInTurn`: see `setDown`. */
export function addAsk(
  draft: Draft,
  place: number,
  id: number,
  verb: Verb,
  isInTurn: boolean,
  ignoresNeeds: boolean,
): void {
  const member = draft.state.members.at(place);
  if (member === undefined) return;
  const asks = [...member.asks, askOf(id, verb, member.process)];
  const asked = verb === 'stop' ? askedDown(member, isInTurn, draft.at.now) : askedUp(member, ignoresNeeds);
  putMember(draft, place, member, { ...asked, asks });
}

/** Beside a run that may still live none is started: the request is answered with that. */
export function askedUp(member: Member, ignoresNeeds: boolean): Member {
  if (isUnkillable(member.process.phase)) return member;
  const awaitsNeeds = member.awaitsNeeds && !ignoresNeeds;
  return { ...member, goal: 'up', inTurnSince: null, awaitsNeeds, ignoresNeeds, ranWithoutNeeds: false };
}

/** In place of `addAsk`: it will not happen. */
export function declineAsk(draft: Draft, place: number, id: number, verb: Verb): void {
  const [one, member] = [draft.state.spec.members[place], draft.state.members.at(place)];
  const ticket = draft.state.tickets.get(id);
  if (one === undefined || member === undefined || ticket === undefined) return;
  const asked = askOf(id, verb, member.process);
  putTicket(draft, id, withResult(ticket, resultOf(one.name, asked, SUPERSEDED)));
}

/** What contradicts a later request is answered. */
export function supersede(draft: Draft, place: number, later: Verb): void {
  decide(draft, place, (ask) => (isContrary(ask, later) ? SUPERSEDED : undefined));
}

/** Something of a second run is still to happen. */
const isUndecided = (member: Member, { verb, rolls }: Ask): boolean =>
  (isTwofold(member) && (verb === 'stop' || rolls === true)) || (rolls === true && member.toRoll);

/** Answers that have come about in this step are given, by the order of the members; tickets by that of their numbers. */
export function settleTickets(draft: Draft, touched: readonly number[]): void {
  touched.forEach((place) => {
    const member = draft.state.members.at(place);
    if (member === undefined) return;
    decide(draft, place, (ask, process, spec) =>
      isUndecided(member, ask) ? undefined : answerTo(ask, process, spec),
    );
  });
  inOrder(draft.answered).forEach((id) => settle(draft, id));
}

/** The run is over. */
export function abandonTickets(draft: Draft): void {
  for (const place of draft.state.spec.members.keys()) decide(draft, place, () => SUPERSEDED);
  for (const id of draft.state.tickets.ids()) settle(draft, id);
}

function settle(draft: Draft, id: number): void {
  const ticket = draft.state.tickets.get(id);
  if (ticket === undefined) return;
  draft.effects.push({ type: 'settle', ticket: id, results: resultsOf(ticket) });
  draft.state.tickets = draft.state.tickets.with(id, undefined, draft.maker);
}

type Decide = (ask: Ask, process: ProcessState, spec: MemberSpec) => Answer | undefined;

/** Answers those that `answerOf` has an answer to. */
export function decide(draft: Draft, place: number, answerOf: Decide): void {
  const member = draft.state.members.at(place);
  const spec = draft.state.spec.members[place];
  if (member === undefined || spec === undefined || member.asks.length === 0) return;
  const { asks, process } = member;
  const { name } = spec;
  const open = asks.filter((ask) => {
    const answer = answerOf(ask, process, spec);
    const ticket = draft.state.tickets.get(ask.ticket);
    if (answer === undefined || ticket === undefined) return answer === undefined;
    putTicket(draft, ask.ticket, withResult(ticket, resultOf(name, ask, answer)));
    return false;
  });
  if (open.length < asks.length) putAsks(draft, place, { ...member, asks: open });
}

function putTicket(draft: Draft, id: number, ticket: Ticket): void {
  draft.state.tickets = draft.state.tickets.with(id, ticket, draft.maker);
  if (ticket.open === 0) draft.answered.push(id);
}

/** No member has to be looked at for them, and nothing to be counted. */
function putAsks({ state, maker }: Draft, place: number, member: Member): void {
  state.members = state.members.withAt(place, member, maker);
}
