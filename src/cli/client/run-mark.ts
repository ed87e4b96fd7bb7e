/** Events of an instance, as marks in its log. */
import type { EventRecord } from '../../control/api.ts';
import type { PublicExit } from '../../core/process/public-exit.ts';
import type { LogLine } from '../../top/model.ts';
import { publicExitText } from '../../ui/public-exit-text.ts';

/** Undefined for events that neither end nor begin a run. */
export function runMark(event: EventRecord): LogLine | undefined {
  const { time } = event;
  switch (event.event) {
    case 'started':
      return { time, mark: { of: 'start', text: `started (pid ${String(event['pid'])})` } };
    case 'exited':
    case 'refused':
      return { time, mark: { of: 'end', text: publicExitText(event['exit'] as PublicExit) } };
    default:
      return undefined;
  }
}
