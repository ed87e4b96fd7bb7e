/**
 * A ticket is the promise of an answer to a request: settled exactly once, when what was asked has happened to every
 * name of it, can no longer happen, or was overtaken by a contrary request. Each of its names asks for itself: the asks
 * stand with their members, so that a change of one finds those that wait for it.
 */
import type { Verb } from '../events.ts';
import type { Exit } from '../process/exit.ts';
import { endOf, isDown, pidOf, type ProcessSpec, type ProcessState } from '../process/state.ts';

export type { Verb } from '../events.ts';

export interface TicketResult {
  readonly name: string;
  /**
   * `ended`: it came up and is gone again for good, or never came up. `kept`: of a rolling restart, the new run was not ready
   * (`exit` says why) or was not started, and the old one runs on. `superseded`: a later request overtook this one.
   */
  readonly outcome: 'running' | 'stopped' | 'ended' | 'kept' | 'superseded' | 'unknown';
  /** Of the program that ran when the request came, else null. */
  readonly before: number | null;
  /** Of the running program, else null. */
  readonly pid: number | null;
  /** It waited for its restart when the request came. */
  readonly waited?: true;
  /** The program that ran when the request came did not stop in time, and was killed. */
  readonly killed?: true;
  /** For `stopped`, `ended` and `kept`: how, where that is known. Else null. */
  readonly exit: Exit | null;
}

export interface Ticket {
  /** How many of its names have no answer yet. */
  readonly open: number;
  /** The latest first. */
  readonly results: Results | null;
}

interface Results {
  readonly latest: TicketResult;
  readonly earlier: Results | null;
}

/** What is asked of one process, and what that was when the request came. */
export interface Ask {
  readonly ticket: number;
  readonly verb: Verb;
  /** The number of its run then. */
  readonly run: number;
  readonly pid: number | null;
  readonly waited?: true;
  /** A rolling restart: it has happened when the old run has ended as well. */
  readonly rolls?: true;
}

export type Answer = Pick<TicketResult, 'outcome' | 'pid' | 'exit' | 'killed'>;

/** It will not happen: a later request is contrary, or the run is over. */
export const SUPERSEDED: Answer = { outcome: 'superseded', pid: null, exit: null };
const UNKNOWN: Answer = { outcome: 'unknown', pid: null, exit: null };

/** A start that is under way is the one that is asked for. */
export function askOf(ticket: number, verb: Verb, { phase, run }: ProcessState): Ask {
  const before = { run: phase.name === 'starting' ? run - 1 : run, pid: pidOf(phase) };
  return { ticket, verb, ...before, ...(phase.name === 'backoff' && { waited: true }) };
}

export function isContrary({ verb }: Ask, later: Verb): boolean {
  return (verb === 'stop') !== (later === 'stop');
}

/**
 * Undefined as long as there is none. A start has happened when the run is ready, or has failed to become so; of a task, when
 * it has ended. Where nobody has said when it is ready, it has happened when it runs.
 */
export function answerTo(ask: Ask, process: ProcessState, spec: Awaited): Answer | undefined {
  const answer = outcomeOf(ask, process, spec);
  const isKilled = ask.verb !== 'start' && ask.run > 0 && ask.run === process.lateRun;
  return isKilled && answer !== undefined ? { ...answer, killed: true } : answer;
}

type Awaited = Pick<ProcessSpec, 'readiness' | 'isReadinessUsual'>;

function outcomeOf(
  { verb, run: runBefore }: Ask,
  process: ProcessState,
  { readiness, isReadinessUsual: isUsual = false }: Awaited,
): Answer | undefined {
  const { phase, run } = process;
  if (verb === 'stop') {
    return isDown(phase) ? { outcome: 'stopped', pid: null, exit: endOf(process) } : undefined;
  }
  if (verb === 'restart' && run <= runBefore && phase.name !== 'failed') return undefined;
  if (phase.name === 'running' && (phase.ready || isUsual))
    return { outcome: 'running', pid: phase.pid, exit: null };
  // A restart may still make it ready, but the request is answered with the failure at once.
  const isAsked = readiness === 'probed' && !isUsual;
  const hasFailed = phase.name === 'backoff' && isAsked && run > runBefore;
  if (hasFailed) return { outcome: 'ended', pid: null, exit: endOf(process) };
  if (phase.name === 'exited' || phase.name === 'failed') {
    return { outcome: 'ended', pid: null, exit: endOf(process) };
  }
  return undefined;
}

export function newTicket(open: number, unknown: readonly string[]): Ticket {
  const ticket: Ticket = { open: open + unknown.length, results: null };
  return unknown.reduce((one, name) => withResult(one, unknownResult(name)), ticket);
}

export function withResult({ open, results }: Ticket, latest: TicketResult): Ticket {
  return { open: open - 1, results: { latest, earlier: results } };
}

export function resultOf(name: string, { pid, waited }: Ask, answer: Answer): TicketResult {
  return { name, before: pid, ...(waited && { waited }), ...answer };
}

export function unknownResult(name: string): TicketResult {
  return { name, before: null, ...UNKNOWN };
}

/** In the order in which they came. */
export function resultsOf({ results }: Ticket): readonly TicketResult[] {
  const all: TicketResult[] = [];
  for (let next = results; next !== null; next = next.earlier) all.push(next.latest);
  return all.reverse();
}
