/** Tickets and their asks in a step: from a request to the one answer. */
import type { Draft } from './fleet-draft.ts';
import { inOrder } from './fleet-looks.ts';
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

export interface Asking {
  readonly ticket: number;
  readonly verb: Verb;
  /** Names of members, each once. */
  readonly known: readonly string[];
  readonly unknown: readonly string[];
}

export function openTicket(draft: Draft, { ticket, verb, known, unknown }: Asking): void {
  putTicket(draft, ticket, newTicket(known.length, unknown));
  for (const name of known) {
    const member = draft.state.members.get(name);
    if (member === undefined) continue;
    putAsks(draft, name, [...member.asks, askOf(ticket, verb, member.process)]);
    draft.looks.asked(draft.state.spec, name);
  }
}

/** What contradicts a later request is answered. */
export function supersede(draft: Draft, name: string, later: Verb): void {
  decide(draft, name, (ask) => (isContrary(ask, later) ? SUPERSEDED : undefined));
}

/** Nothing that it asks for will happen. */
export function abandonTicket(draft: Draft, ticket: number, names: readonly string[]): void {
  for (const name of names) decide(draft, name, (ask) => (ask.ticket === ticket ? SUPERSEDED : undefined));
}

/** Answers that have come about in this step are given, by the order of the members; tickets by that of their numbers. */
export function settleTickets(draft: Draft): void {
  const { spec } = draft.state;
  for (const place of inOrder(draft.looks.touched)) {
    const name = spec.members[place]?.name ?? '';
    const process = draft.state.members.get(name)?.process;
    if (process !== undefined) decide(draft, name, (ask) => answerTo(ask, process));
  }
  for (const id of inOrder(draft.answered)) settle(draft, id);
}

/** The run is over. */
export function abandonTickets(draft: Draft): void {
  for (const { name } of draft.state.spec.members) decide(draft, name, () => SUPERSEDED);
  for (const [id] of draft.state.tickets.entries()) settle(draft, id);
}

function settle(draft: Draft, id: number): void {
  const ticket = draft.state.tickets.get(id);
  if (ticket === undefined) return;
  draft.effects.push({ type: 'settle', ticket: id, results: resultsOf(ticket) });
  putTicket(draft, id, undefined);
}

function decide(draft: Draft, name: string, answerOf: (ask: Ask) => Answer | undefined): void {
  const { asks = [] } = draft.state.members.get(name) ?? {};
  const open = asks.filter((ask) => {
    const answer = answerOf(ask);
    const ticket = draft.state.tickets.get(ask.ticket);
    if (answer === undefined || ticket === undefined) return answer === undefined;
    putTicket(draft, ask.ticket, withResult(ticket, resultOf(name, ask, answer)));
    return false;
  });
  if (open.length < asks.length) putAsks(draft, name, open);
}

function putTicket(draft: Draft, id: number, ticket: Ticket | undefined): void {
  draft.state = { ...draft.state, tickets: draft.state.tickets.with(id, ticket) };
  if (ticket?.open === 0) draft.answered.add(id);
}

/** Nobody has to be looked at for them, and nothing to be counted. */
function putAsks(draft: Draft, name: string, asks: readonly Ask[]): void {
  const { members } = draft.state;
  const member = members.get(name);
  if (member !== undefined)
    draft.state = { ...draft.state, members: members.with(name, { ...member, asks }) };
}
