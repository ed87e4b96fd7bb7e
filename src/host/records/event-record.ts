/** An event as the public sees it: flat, without our inner words, and with a sentence. */
import type { EventRecord } from '../../control/api.ts';
import { causeOf, type Cause } from '../../core/events.ts';
import type { Exit } from '../../core/process/exit.ts';
import { publicExitOf } from '../../core/process/public-exit.ts';
import type { JournalEntry } from '../../runtime/journal.ts';
import { eventText } from '../../ui/event-text.ts';

export function eventRecord({ seq, wallMs, event }: JournalEntry): EventRecord {
  const { type, ...details } = event;
  const cause = causeOf(event);
  const origin = cause && originOf(cause);
  return {
    seq,
    time: new Date(wallMs).toISOString(),
    event: type,
    ...Object.fromEntries(Object.entries(details).map(([key, value]) => [key, publicValue(key, value)])),
    ...(cause && { cause: cause.by }),
    ...(origin && Object.keys(origin).length > 0 && { origin }),
    text: eventText(event),
  };
}

function publicValue(key: string, value: unknown): unknown {
  return key === 'exit' ? publicExitOf(value as Exit) : value;
}

/** What there is to say about a cause, beside its kind. */
function originOf(cause: Cause): Readonly<Record<string, unknown>> {
  switch (cause.by) {
    case 'request':
      return { ...cause.client };
    case 'scale':
    case 'reload':
      return originOf(cause.asker);
    case 'signal':
      return { signal: cause.signal };
    case 'exit':
      return { name: cause.name, exit: publicExitOf(cause.exit) };
    case 'watch':
      return { files: cause.files, count: cause.count, ...(cause.unsettled && { unsettled: true }) };
    case 'schedule':
      return { due: cause.due };
    case 'pool':
    case 'socket':
      return { why: cause.why };
    case 'lock-taken':
      return { pid: cause.pid };
    case 'library':
    case 'start':
    case 'policy':
    case 'reader-gone':
      return {};
  }
}
