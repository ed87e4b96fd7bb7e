/** Requests, and the tickets that promise them an answer. */
import { setGoal, stepMember, type Draft } from './fleet-draft.ts';
import { inOrder } from './fleet-looks.ts';
import type { FleetEffect, FleetEvent, FleetState } from './fleet-state.ts';
import { abandonTicket, openTicket, supersede } from './fleet-tickets.ts';
import { isUnkillable, type ProcessState } from './process-state.ts';
import { answerTo, askOf, resultOf, SUPERSEDED, unknownResult, type Verb } from './tickets.ts';

export function request(draft: Draft, ticket: number, verb: Verb, names: readonly string[]): void {
  const { known, unknown } = split(draft.state, verb, names);
  if (draft.state.closing === null || verb === 'stop') {
    for (const name of known) supersede(draft, name, verb);
    openTicket(draft, { ticket, verb, known, unknown });
    for (const name of turns(draft.state, verb, known)) ask(draft, name, verb);
  } else {
    openTicket(draft, { ticket, verb, known, unknown });
    abandonTicket(draft, ticket, known);
  }
}

/** Who departs can be stopped, and is a stranger to every other request. */
function findFor(verb: Verb, { members }: FleetState, name: string): ProcessState | undefined {
  const member = members.get(name);
  return member === undefined || (member.departing && verb !== 'stop') ? undefined : member.process;
}

/** Each name once. */
function split(state: FleetState, verb: Verb, names: readonly string[]) {
  const all = [...new Set(names)];
  const isKnown = (name: string): boolean => findFor(verb, state, name) !== undefined;
  return { known: all.filter(isKnown), unknown: all.filter((name) => !isKnown(name)) };
}

/** A restart stops in the order of a stop. */
function turns({ spec }: FleetState, verb: Verb, names: readonly string[]): readonly string[] {
  const places = inOrder(names.flatMap((name) => spec.places.get(name) ?? []));
  const turns = places.flatMap((place) => spec.members[place]?.name ?? []);
  return verb === 'restart' ? turns.reverse() : turns;
}

function ask(draft: Draft, name: string, verb: Verb): void {
  if (verb === 'stop') return setGoal(draft, name, 'down');
  const process = draft.state.members.get(name)?.process;
  // Its last run may still live: it is refused, and the ticket says why.
  if (process === undefined || isUnkillable(process.phase)) return;
  setGoal(draft, name, 'up');
  const phase = process.phase.name;
  if (phase === 'exited' || phase === 'failed') return stepMember(draft, name, { type: 'forget' });
  // Whoever asks for it now is not told to wait for the delay of a restart.
  const isWaiting = phase === 'backoff';
  // A stage that reads what is left would end soon, and with it the pipeline.
  const isFinishing = process.want === 'finish';
  if (isWaiting || isFinishing || (verb === 'restart' && phase !== 'idle'))
    stepMember(draft, name, { type: 'renew' });
}

/** After the end a request is still answered; nothing else is heard. */
export function refuse(state: FleetState, event: FleetEvent): readonly FleetEffect[] {
  if (event.type !== 'request') return [];
  const { ticket, verb, names } = event;
  const { known, unknown } = split(state, verb, names);
  const results = known.flatMap((name) => {
    const process = findFor(verb, state, name);
    if (process === undefined) return [];
    const asked = askOf(ticket, verb, process);
    const answer = verb === 'stop' ? answerTo(asked, process) : SUPERSEDED;
    return resultOf(name, asked, answer ?? SUPERSEDED);
  });
  return [{ type: 'settle', ticket, results: [...unknown.map(unknownResult), ...results] }];
}
