/**
 * A ticket is the promise of an answer to a request: settled exactly once, when what was asked has happened to every
 * name of it, can no longer happen, or was overtaken by a contrary request.
 */
import type { Verb } from '../events.ts';
import type { Exit } from '../process/exit.ts';
import { endOf, isDown, pidOf, type ProcessState } from '../process/state.ts';

export type { Verb } from '../events.ts';

export interface TicketResult {
  readonly name: string;
  /** `ended`: it came up and is gone again for good, or never came up. `superseded`: a later request overtook this one. */
  readonly outcome: 'running' | 'stopped' | 'ended' | 'superseded' | 'unknown';
  /** Of the program that ran when the request came, else null. */
  readonly before: number | null;
  /** Of the running program, else null. */
  readonly pid: number | null;
  /** For `stopped` and `ended`: how, where that is known. Else null. */
  readonly exit: Exit | null;
}

/** What a process was when the request came. */
interface Asked {
  /** The number of its run then. */
  readonly run: number;
  readonly pid: number | null;
}

export interface Ticket {
  readonly id: number;
  readonly verb: Verb;
  /** Names without an answer yet. */
  readonly pending: ReadonlyMap<string, Asked>;
  readonly results: readonly TicketResult[];
}

export function newTicket(
  id: number,
  verb: Verb,
  names: readonly string[],
  find: (name: string) => ProcessState | undefined,
): Ticket {
  const pending = new Map<string, Asked>();
  const results: TicketResult[] = [];
  for (const name of new Set(names)) {
    const process = find(name);
    if (process === undefined) results.push({ name, ...NOTHING, outcome: 'unknown' });
    else pending.set(name, asked(process));
  }
  return { id, verb, pending, results };
}

/** An older ticket, after a request for the same name that contradicts it. */
export function supersede(ticket: Ticket, verb: Verb, names: readonly string[]): Ticket {
  const contrary = (ticket.verb === 'stop') !== (verb === 'stop');
  return contrary ? resolve(ticket, (name) => (names.includes(name) ? SUPERSEDED : undefined)) : ticket;
}

/** Everything that is still pending will not happen: the run is over. */
export function abandon(ticket: Ticket): Ticket {
  return resolve(ticket, () => SUPERSEDED);
}

/** The ticket with an answer for each name about which there is one now. */
export function answer(ticket: Ticket, find: (name: string) => ProcessState | undefined): Ticket {
  return resolve(ticket, (name, { run }) => {
    const process = find(name);
    return process === undefined ? undefined : answerOf(ticket.verb, process, run);
  });
}

export function isSettled(ticket: Ticket): boolean {
  return ticket.pending.size === 0;
}

type Answer = Pick<TicketResult, 'outcome' | 'pid' | 'exit'>;

const NOTHING = { before: null, pid: null, exit: null } as const;
const SUPERSEDED: Answer = { outcome: 'superseded', pid: null, exit: null };

/** A start that is under way is the one that is asked for. */
function asked({ phase, run }: ProcessState): Asked {
  return { run: phase.name === 'starting' ? run - 1 : run, pid: pidOf(phase) };
}

function answerOf(verb: Verb, process: ProcessState, runBefore: number): Answer | undefined {
  const { phase, run } = process;
  if (verb === 'stop') {
    return isDown(phase) ? { outcome: 'stopped', pid: null, exit: endOf(process) } : undefined;
  }
  if (verb === 'restart' && run <= runBefore && phase.name !== 'failed') return undefined;
  if (phase.name === 'running') return { outcome: 'running', pid: phase.pid, exit: null };
  if (phase.name === 'exited' || phase.name === 'failed') {
    return { outcome: 'ended', pid: null, exit: endOf(process) };
  }
  return undefined;
}

function resolve(ticket: Ticket, decide: (name: string, asked: Asked) => Answer | undefined): Ticket {
  const pending = new Map<string, Asked>();
  const results = [...ticket.results];
  for (const [name, asked] of ticket.pending) {
    const found = decide(name, asked);
    if (found === undefined) pending.set(name, asked);
    else results.push({ name, before: asked.pid, ...found });
  }
  return { ...ticket, pending, results };
}
