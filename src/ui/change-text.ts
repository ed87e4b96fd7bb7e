/** The outcome of a request, in one sentence per instance. */
import type { PublicExit } from '../core/process/public-exit.ts';
import type { TicketResult, Verb } from '../core/fleet/tickets.ts';
import { publicExitText } from './public-exit-text.ts';

/** The outcome of a request for one instance, as in the API. */
export interface ChangeOutcome extends Omit<TicketResult, 'exit'> {
  readonly exit: PublicExit | null;
}

const DONE: Readonly<Record<Verb, string>> = { start: 'started', stop: 'stopped', restart: 'restarted' };

const LATE = '; killed what did not stop in time';

/** `web.1 restarted (4100 -> 4242)` */
export function changeText(verb: Verb, result: ChangeOutcome): string {
  const { name, outcome, before, pid, waited, killed, exit } = result;
  switch (outcome) {
    case 'running':
      if (before === pid) return `${name} is already running (pid ${String(pid)})`;
      return before === null
        ? `${name} ${DONE[verb]} (pid ${String(pid)})`
        : `${name} ${DONE[verb]} (${String(before)} -> ${String(pid)})${killed === true ? LATE : ''}`;
    case 'stopped':
      if (waited === true) return `${name} stopped; it was waiting for its restart`;
      if (before === null) return `${name} is already stopped`;
      return `${name} stopped${wasKilled(exit) ? ' by SIGKILL' : ''} (pid ${String(before)})`;
    case 'ended':
      return exit === null ? `${name} is not running` : `${name} ${publicExitText(exit)}`;
    case 'kept':
      return exit === null
        ? `${name} was not restarted: another instance failed; the old run goes on${runText(pid)}`
        : `${name} was not restarted: the new run ${publicExitText(exit)}; kept the old one${runText(pid)}`;
    case 'superseded':
      return `${name}: superseded by a later request`;
    case 'unknown':
      return `${name}: no longer exists`;
  }
}

const runText = (pid: number | null): string => (pid === null ? '' : ` (pid ${String(pid)})`);

const wasKilled = (exit: PublicExit | null): boolean =>
  exit !== null && 'signal' in exit && exit.signal === 'SIGKILL';
