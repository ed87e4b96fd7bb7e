/** Why a process is, or is not, running: its state and the reason in a sentence, then the latest events about it. */
import { plainLine } from '../text/terminal-safe.ts';
import { formatDuration } from '../text/duration.ts';
import type { PublicExit } from '../core/process/public-exit.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';
import { needsText } from './event-text.ts';
import { eventLine, localTime } from './event-line.ts';
import type { Theme } from './paint.ts';
import { publicExitText } from './public-exit-text.ts';

const MOST_EVENTS = 12;

/** The answer of `/v1/why`. */
export interface WhyReply {
  readonly process: InstanceSnapshot;
  readonly events: readonly { readonly time: string; readonly text: string }[];
  /** Missing in the answer of an older supervisor. */
  readonly reason?: WhyReason | null;
  /** The last lines before its last end, as the command adds them. */
  readonly output?: readonly string[];
}

interface WhyReason {
  readonly time: string;
  readonly event: string;
  readonly text: string;
}

/** `nowMs` is Unix time. */
export function whyText(reply: WhyReply, theme: Theme, nowMs: number): string {
  const { process, reason } = reply;
  const told = reason == null ? undefined : { ...reason, ago: agoText(reason.time, nowMs) };
  const next = process.next === undefined ? '' : `; it starts next at ${localTime(process.next)}`;
  return `${theme.bold(`${process.name} ${stateText(process, told)}${next}`)}\n${details(reply, theme)}`;
}

/** The same for an instance whose supervisor has ended. */
export function pastText(
  past: Pick<WhyReply, 'events' | 'output'> & { readonly name: string },
  theme: Theme,
): string {
  const state = 'is not running: its supervisor has ended';
  return `${theme.bold(`${past.name} ${state}`)}\n${details(past, theme)}`;
}

function details({ events, output = [] }: Pick<WhyReply, 'events' | 'output'>, theme: Theme): string {
  const lines = events.slice(-MOST_EVENTS).map((event) => `  ${eventLine(event, theme)}\n`);
  const words = output.map((line) => `    ${plainLine(line)}\n`);
  return `${lines.join('')}${words.length === 0 ? '' : `  last output before its end:\n${words.join('')}`}`;
}

function agoText(time: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(time)) / 1000));
  return `${formatDuration(seconds * 1000)} ago`;
}

type ToldReason = WhyReason & { readonly ago: string };

function stateText(process: InstanceSnapshot, reason: ToldReason | undefined): string {
  const { state, pid, uptime, exit, waitsFor = [], waited, notReady } = process;
  const because = reason === undefined ? '' : `: ${reason.text} ${reason.ago}`;
  const besides = reason === undefined ? '' : `; ${reason.text} ${reason.ago}`;
  switch (state) {
    case 'running': {
      const since = formatDuration(Math.round(uptime ?? 0) * 1000);
      // What its policy did is told by the count.
      const why = reason?.event === 'restarting' ? '' : because;
      const lacks = notReady === undefined ? '' : `, and is not ready yet (${notReady})`;
      return `is running (pid ${String(pid)}) for ${since}${lacks}${why}${countText(process)}`;
    }
    case 'waiting': {
      const since = formatDuration(Math.round(waited ?? 0) * 1000);
      return `is waiting for ${needsText(waitsFor)}, for ${since} now${because}`;
    }
    case 'starting':
      return `is being started${because}`;
    case 'stopping':
      return pid === null
        ? `has ended, and what it left running is being stopped${because}`
        : `is being stopped (pid ${String(pid)})${because}`;
    case 'stopped':
      if (process.onDemand === true)
        return `is on demand: its next client starts it${reason === undefined ? '' : `; ${reason.text} (${reason.ago})`}`;
      if (reason === undefined)
        return exit === null ? 'is stopped: it was not asked to run' : `is stopped: it ${endText(exit)}`;
      return `is stopped${because}${exit === null ? '' : `; it ${endText(exit)}`}`;
    case 'backoff':
      return `is not running now: it ${endText(exit)} and waits for its restart${besides}${countText(process)}`;
    case 'exited':
      return `is not running: it ${endText(exit)}, and its policy does not bring it back${besides}`;
    case 'failed':
      return `is not running: ${failureText(exit, reason)}${countText(process)}`;
  }
}

function failureText(exit: PublicExit | null, reason: ToldReason | undefined): string {
  if (reason === undefined) return `it has failed${exit === null ? '' : `; it ${endText(exit)}`}`;
  const why = `${reason.text} (${reason.ago})`;
  // A refusal says what the reason says.
  return exit === null || 'error' in exit ? why : `${why}; it ${endText(exit)}`;
}

function countText({ restarts }: InstanceSnapshot): string {
  if (restarts === 0) return '';
  return `; restarted ${String(restarts)} time${restarts === 1 ? '' : 's'} by its policy`;
}

const endText = (exit: PublicExit | null): string => (exit === null ? 'ended' : publicExitText(exit));
