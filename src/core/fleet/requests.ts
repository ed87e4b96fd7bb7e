/** Requests, and the tickets that promise them an answer. */
import { setGoal, stepMember, type Draft } from './draft.ts';
import type { FleetEffect, FleetEvent, FleetState } from './state.ts';
import type { ProcessState } from '../process/state.ts';
import { abandon, answer, isSettled, newTicket, supersede, type Verb } from './tickets.ts';

export function request(draft: Draft, id: number, verb: Verb, names: readonly string[]): void {
  const ticket = newTicket(id, verb, names, (name) => findFor(verb, draft.state, name));
  const { closing, tickets } = draft.state;
  if (closing !== null && verb !== 'stop') {
    draft.state = { ...draft.state, tickets: [...tickets, abandon(ticket)] };
    return;
  }
  const known = [...ticket.pending.keys()];
  const older = tickets.map((other) => supersede(other, verb, known));
  draft.state = { ...draft.state, tickets: [...older, ticket] };
  for (const name of inOrder(draft.state, verb, ticket.pending)) ask(draft, name, verb);
}

/** Who departs can be stopped, and is a stranger to every other request. */
function findFor(verb: Verb, state: FleetState, name: string): ProcessState | undefined {
  const member = state.members.get(name);
  return member === undefined || (member.departing && verb !== 'stop') ? undefined : member.process;
}

/** A restart stops in the order of a stop. */
function inOrder({ spec }: FleetState, verb: Verb, asked: ReadonlyMap<string, unknown>): readonly string[] {
  const names = spec.members.map(({ name }) => name).filter((name) => asked.has(name));
  return verb === 'restart' ? names.reverse() : names;
}

function ask(draft: Draft, name: string, verb: Verb): void {
  if (verb === 'stop') return setGoal(draft, name, 'down');
  setGoal(draft, name, 'up');
  const process = draft.state.members.get(name)?.process;
  const phase = process?.phase.name;
  if (phase === 'exited' || phase === 'failed') return stepMember(draft, name, { type: 'forget' });
  // Whoever asks for it now is not told to wait for the delay of a restart.
  const isWaiting = phase === 'backoff';
  // A stage that reads what is left would end soon, and with it the pipeline.
  const isFinishing = process?.want === 'finish';
  if (isWaiting || isFinishing || (verb === 'restart' && phase !== 'idle'))
    stepMember(draft, name, { type: 'renew' });
}

export function settleTickets(draft: Draft): void {
  const find = (name: string) => draft.state.members.get(name)?.process;
  const open = [];
  for (const ticket of draft.state.tickets) {
    const answered = answer(ticket, find);
    if (isSettled(answered))
      draft.effects.push({ type: 'settle', ticket: ticket.id, results: answered.results });
    else open.push(answered);
  }
  draft.state = { ...draft.state, tickets: open };
}

/** After the end a request is still answered; nothing else is heard. */
export function refuse(state: FleetState, event: FleetEvent): readonly FleetEffect[] {
  if (event.type !== 'request') return [];
  const { ticket: id, verb, names } = event;
  const find = (name: string) => findFor(verb, state, name);
  const asked = newTicket(id, verb, names, find);
  const { results } = verb === 'stop' ? answer(asked, find) : abandon(asked);
  return [{ type: 'settle', ticket: id, results }];
}
