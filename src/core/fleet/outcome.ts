import { isFailure, STATUS, statusOf, type Exit } from '../process/exit.ts';
import type { MemberSpec } from './spec.ts';
import type { FleetState } from './state.ts';
import { SIGNAL_NUMBERS } from '../process/signals.ts';
import { endOfPipeline, exitForGood } from './stages.ts';

const KILLED = 128 + SIGNAL_NUMBERS.SIGKILL;

/**
 * Our exit status when everything has ended, by precedence: a second Ctrl-C; the process whose end ended the run; a
 * stop on request, which fails only if something had to be killed for it; the first process that failed; success.
 */
export function outcomeOf(state: FleetState): number {
  const { closing, firstFailure } = state;
  if (closing === null) return firstFailure === null ? STATUS.success : statusOf(firstFailure);
  if (closing.hurried) return STATUS.interrupted;
  if (closing.cause.by === 'exit') return statusOf(closing.cause.exit);
  return killedOf(state).length > 0 ? KILLED : STATUS.success;
}

/** Those that had to be killed for the end of the run. */
export function killedOf({ members, closing }: FleetState): readonly string[] {
  return (closing?.living ?? []).filter((name) => members.get(name)?.process.killed === true);
}

/** The failure that counts when every process is let run to its end: the first. `news`: members that have changed. */
export function firstFailureOf(state: FleetState, news: readonly MemberSpec[]): FleetState['firstFailure'] {
  if (state.firstFailure !== null) return state.firstFailure;
  for (const spec of news) {
    if (state.members.get(spec.name)?.goal !== 'up') continue;
    const ended = endForGood(state, spec);
    if (ended !== undefined && isFailure(ended.exit)) return ended.exit;
  }
  return null;
}

/** How it has ended for good, and which member decided that: a pipeline ends as a whole. Undefined as long as it has not. */
export function endForGood(
  state: FleetState,
  { name, process, stage }: MemberSpec,
): { readonly name: string; readonly exit: Exit } | undefined {
  const exit = exitForGood(state.members.get(name));
  if (exit === undefined) return undefined;
  return stage === undefined ? { name, exit } : endOfPipeline(state, process);
}
