/** What has become of a request, for each instance in a sentence. */
import type { PublicExit } from '../core/process/public-exit.ts';
import type { TicketResult, Verb } from '../core/fleet/tickets.ts';
import { publicExitText } from './public-exit-text.ts';

/** A request's outcome for one instance, as the API tells it. */
export interface ChangeOutcome extends Omit<TicketResult, 'exit'> {
  readonly exit: PublicExit | null;
}

const DONE: Readonly<Record<Verb, string>> = { start: 'started', stop: 'stopped', restart: 'restarted' };

/** `web.1 restarted (4100 -> 4242)` */
export function changeText(verb: Verb, result: ChangeOutcome): string {
  const { name, outcome, before, pid, exit } = result;
  switch (outcome) {
    case 'running':
      if (before === pid) return `${name} is running already (pid ${String(pid)})`;
      return before === null
        ? `${name} ${DONE[verb]} (pid ${String(pid)})`
        : `${name} ${DONE[verb]} (${String(before)} -> ${String(pid)})`;
    case 'stopped':
      if (before === null) return `${name} is stopped already`;
      return `${name} stopped (pid ${String(before)})${wasKilled(exit) ? '; it had to be killed' : ''}`;
    case 'ended':
      return exit === null ? `${name} does not run` : `${name} ${publicExitText(exit)}`;
    case 'superseded':
      return `${name}: a later request has overtaken this one`;
    case 'unknown':
      return `${name}: there is no such process any more`;
  }
}

const wasKilled = (exit: PublicExit | null): boolean =>
  exit !== null && 'signal' in exit && exit.signal === 'SIGKILL';
