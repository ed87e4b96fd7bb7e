import { isFailure, STATUS, statusOf } from './exit.ts';
import type { FleetState } from './fleet-state.ts';
import { SIGNAL_NUMBERS } from './signals.ts';

const KILLED = 128 + SIGNAL_NUMBERS.SIGKILL;

/**
 * Our exit status when everything has ended, by precedence: a second Ctrl-C; the process whose end ended the run; a
 * stop on request, which fails only if something had to be killed for it; the first process that failed; success.
 */
export function outcomeOf({ members, closing, firstFailure }: FleetState): number {
  if (closing === null) return firstFailure === null ? STATUS.success : statusOf(firstFailure);
  if (closing.hurried) return STATUS.interrupted;
  if (closing.cause.by === 'exit') return statusOf(closing.cause.exit);
  const killed = closing.living.some((name) => members.get(name)?.process.killed);
  return killed ? KILLED : STATUS.success;
}

/** The failure that counts when every process is let run to its end: the first. */
export function firstFailureOf(state: FleetState): FleetState['firstFailure'] {
  if (state.firstFailure !== null) return state.firstFailure;
  for (const { goal, process } of state.members.values()) {
    const { phase } = process;
    if (goal === 'up' && (phase.name === 'exited' || phase.name === 'failed') && isFailure(phase.exit)) {
      return phase.exit;
    }
  }
  return null;
}
