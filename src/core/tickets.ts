/**
 * A ticket is the promise of an answer to a request: settled exactly once, when what was asked has happened to every
 * name of it, can no longer happen, or was overtaken by a contrary request.
 */
import { isAlive, type ProcessState } from './process-state.ts';

export type Verb = 'start' | 'stop' | 'restart';

export interface TicketResult {
  readonly name: string;
  /** `ended`: it came up and is gone again for good, or never came up. `superseded`: a later request overtook this one. */
  readonly outcome: 'running' | 'stopped' | 'ended' | 'superseded' | 'unknown';
  /** Of the running program, else null. */
  readonly pid: number | null;
}

export interface Ticket {
  readonly id: number;
  readonly verb: Verb;
  /** Names without an answer yet, each with the number of the run that was current when the request came. */
  readonly pending: ReadonlyMap<string, number>;
  readonly results: readonly TicketResult[];
}

export function newTicket(
  id: number,
  verb: Verb,
  names: readonly string[],
  find: (name: string) => ProcessState | undefined,
): Ticket {
  const pending = new Map<string, number>();
  const results: TicketResult[] = [];
  for (const name of new Set(names)) {
    const process = find(name);
    if (process === undefined) results.push({ name, outcome: 'unknown', pid: null });
    else pending.set(name, process.phase.name === 'starting' ? process.run - 1 : process.run);
  }
  return { id, verb, pending, results };
}

/** An older ticket, after a request for the same name that contradicts it. */
export function supersede(ticket: Ticket, verb: Verb, names: readonly string[]): Ticket {
  const contrary = (ticket.verb === 'stop') !== (verb === 'stop');
  return contrary ? resolve(ticket, (name) => (names.includes(name) ? superseded(name) : undefined)) : ticket;
}

/** Everything that is still pending will not happen: the run is over. */
export function abandon(ticket: Ticket): Ticket {
  return resolve(ticket, superseded);
}

/** The ticket with an answer for each name about which there is one now. */
export function answer(ticket: Ticket, find: (name: string) => ProcessState | undefined): Ticket {
  return resolve(ticket, (name, runBefore) => {
    const process = find(name);
    return process === undefined ? undefined : resultOf(ticket.verb, name, process, runBefore);
  });
}

export function isSettled(ticket: Ticket): boolean {
  return ticket.pending.size === 0;
}

function resultOf(
  verb: Verb,
  name: string,
  process: ProcessState,
  runBefore: number,
): TicketResult | undefined {
  const { phase, run } = process;
  if (verb === 'stop') {
    return isAlive(phase) || phase.name === 'backoff' ? undefined : { name, outcome: 'stopped', pid: null };
  }
  if (verb === 'restart' && run <= runBefore && phase.name !== 'failed') return undefined;
  if (phase.name === 'running') return { name, outcome: 'running', pid: phase.pid };
  if (phase.name === 'exited' || phase.name === 'failed') return { name, outcome: 'ended', pid: null };
  return undefined;
}

function resolve(
  ticket: Ticket,
  decide: (name: string, runBefore: number) => TicketResult | undefined,
): Ticket {
  const pending = new Map<string, number>();
  const results = [...ticket.results];
  for (const [name, runBefore] of ticket.pending) {
    const result = decide(name, runBefore);
    if (result === undefined) pending.set(name, runBefore);
    else results.push(result);
  }
  return { ...ticket, pending, results };
}

function superseded(name: string): TicketResult {
  return { name, outcome: 'superseded', pid: null };
}
