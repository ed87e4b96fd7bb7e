/** What has happened goes into the journal, and among the lines that we print. */
import type { Event } from '../../core/events.ts';
import type { Journal } from '../../runtime/journal.ts';
import { systemLine } from '../../ui/event-text.ts';
import type { Announcer } from '../announce.ts';

export interface Recorder {
  readonly journal: Journal;
  readonly announcer: Pick<Announcer, 'say'>;
}

export function recordEvent({ journal, announcer }: Recorder, event: Event): void {
  journal.add(event);
  const line = systemLine(event);
  if (line !== undefined) announcer.say(line);
}
