/** Why a process is, or is not, running: its state in a sentence, and the events that decided it. */
import { formatDuration } from '../text/duration.ts';
import type { PublicExit } from '../core/public-exit.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';
import { eventLine } from './event-line.ts';
import type { Theme } from './paint.ts';
import { publicExitText } from './public-exit-text.ts';

const MOST_EVENTS = 12;

export function whyText(
  reply: {
    readonly process: InstanceSnapshot;
    readonly events: readonly { readonly time: string; readonly text: string }[];
  },
  theme: Theme,
): string {
  const { process, events } = reply;
  const lines = events.slice(-MOST_EVENTS).map((event) => `  ${eventLine(event, theme)}\n`);
  return `${theme.bold(`${process.name} ${stateText(process)}`)}\n${lines.join('')}`;
}

function stateText({ state, pid, uptime, exit, restarts }: InstanceSnapshot): string {
  const since = formatDuration(Math.round(uptime ?? 0) * 1000);
  const count =
    restarts === 0 ? '' : `; restarted ${String(restarts)} time${restarts === 1 ? '' : 's'} by its policy`;
  switch (state) {
    case 'running':
      return `is running (pid ${String(pid)}) for ${since}${count}`;
    case 'starting':
      return 'is being started';
    case 'stopping':
      return pid === null
        ? 'has ended, and what it left behind is being stopped'
        : `is being stopped (pid ${String(pid)})`;
    case 'stopped':
      return exit === null ? 'is stopped: it was not asked to run' : `is stopped: it ${endText(exit)}`;
    case 'backoff':
      return `is not running now: it ${endText(exit)} and waits for its restart${count}`;
    case 'exited':
      return `is not running: it ${endText(exit)}, and its policy does not bring it back`;
    case 'failed':
      return `is not running: it has failed${exit === null ? '' : `; it ${endText(exit)}`}${count}`;
  }
}

const endText = (exit: PublicExit | null): string => (exit === null ? 'ended' : publicExitText(exit));
