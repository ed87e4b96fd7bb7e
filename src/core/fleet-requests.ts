/** Requests, and the tickets that promise them an answer. */
import { setGoal, stepMember, type Draft } from './fleet-draft.ts';
import type { FleetEffect, FleetEvent } from './fleet-state.ts';
import { NEW_PROCESS } from './process-state.ts';
import { abandon, answer, isSettled, newTicket, supersede, type Verb } from './tickets.ts';

export function request(draft: Draft, id: number, verb: Verb, names: readonly string[]): void {
  const ticket = newTicket(id, verb, names, (name) => draft.state.members.get(name)?.process);
  const { closing, tickets } = draft.state;
  if (closing !== null && verb !== 'stop') {
    draft.state = { ...draft.state, tickets: [...tickets, abandon(ticket)] };
    return;
  }
  const older = tickets.map((other) => supersede(other, verb, names));
  draft.state = { ...draft.state, tickets: [...older, ticket] };
  for (const name of ticket.pending.keys()) ask(draft, name, verb);
}

function ask(draft: Draft, name: string, verb: Verb): void {
  if (verb === 'stop') return setGoal(draft, name, 'down');
  setGoal(draft, name, 'up');
  const phase = draft.state.members.get(name)?.process.phase.name;
  if (phase === 'exited' || phase === 'failed') return stepMember(draft, name, { type: 'forget' });
  if (verb === 'restart' && phase !== 'idle') return stepMember(draft, name, { type: 'renew' });
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
export function refuse(event: FleetEvent): readonly FleetEffect[] {
  if (event.type !== 'request') return [];
  const { results } = abandon(newTicket(event.ticket, event.verb, event.names, () => NEW_PROCESS));
  return [{ type: 'settle', ticket: event.ticket, results }];
}
