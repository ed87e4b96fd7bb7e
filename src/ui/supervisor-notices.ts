/** Every notice in words: those of the processes, of the fleet, and of the supervisor itself. */
import { formatSize } from '../text/size.ts';
import type { FleetNotice } from '../core/fleet-state.ts';
import type { ProcessNotice } from '../core/process-state.ts';
import type { PreviousEnd, SupervisorNotice } from '../core/supervisor-notice.ts';
import { localTime } from './event-line.ts';
import { fleetNoticeText, GUARDIAN_LOST, processNoticeText } from './notices.ts';

type Notice = ProcessNotice | FleetNotice | SupervisorNotice;

/** `name` is that of the instance that the notice is about, or null. */
export function noticeText(name: string | null, notice: Notice): string {
  if (name !== null) return processNoticeText(name, notice as ProcessNotice);
  if (isOurs(notice)) return (WORDS[notice.type] as (notice: SupervisorNotice) => string)(notice);
  return fleetNoticeText(notice as FleetNotice) ?? notice.type;
}

const WORDS: {
  readonly [Type in SupervisorNotice['type']]: (notice: Extract<SupervisorNotice, { type: Type }>) => string;
} = {
  requested: ({ verb, names }) => `${verb} was asked for: ${names.join(', ')}`,
  signalled: ({ signal, names }) => `${signal} was sent on request to ${names.join(', ')}`,
  scaled: ({ counts }) => `scaled: ${countsText(counts)}`,
  reloaded: (notice) => `the files were read again: ${reloadedText(notice)}`,
  'previous-ended': previousEndText,
  'logs-lost': ({ reason }) => `output cannot be written to the log files: ${reason}; the processes go on`,
  'logs-recovered': ({ lostBytes }) =>
    `output is written to the log files again; ${formatSize(lostBytes)} are missing in them`,
  'guardian-lost': () => GUARDIAN_LOST,
};

function isOurs(notice: Notice): notice is SupervisorNotice {
  return Object.hasOwn(WORDS, notice.type);
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([process, count]) => `${process}=${String(count)}`)
    .join(' ');
}

/** Who was before us, how that ended, and what we have done about it. */
export function previousEndText({ pid, since, how, leftovers }: PreviousEnd): string {
  const ended = how === 'killed' ? 'was killed' : 'ended with the machine';
  const cleared =
    leftovers.length === 0 ? 'nothing of it was left' : `ended what it left: pid ${leftovers.join(', ')}`;
  return `the supervisor before this one (pid ${String(pid)}, since ${localTime(since)}) ${ended}; ${cleared}`;
}

function reloadedText({ added, removed, changed }: Extract<SupervisorNotice, { type: 'reloaded' }>): string {
  const parts = [
    ['added', added],
    ['removed', removed],
    ['changed', changed],
  ] as const;
  const told = parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${names.join(', ')}`);
  return told.length === 0 ? 'nothing has changed' : told.join('; ');
}
