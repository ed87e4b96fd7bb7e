/** Tells which processes the kernel has killed for want of memory: their exit is a plain SIGKILL, as of anybody. */
import type { Event } from '../core/events.ts';
import type { OomKills } from '../os/proc/oom-kills.ts';
import type { Journal } from '../runtime/journal.ts';

export interface OomWatch {
  close(): void;
}

export interface WatchOomOptions {
  readonly journal: Pick<Journal, 'after' | 'listen' | 'lastSeq'>;
  readonly read: () => OomKills | undefined;
  readonly record: (event: Event) => void;
}

/** The kernel counts before a parent learns of the exit, so an exit by SIGKILL with a new one in the count is one of these. */
export function watchOom({ journal, read, record }: WatchOomOptions): OomWatch {
  let known = read()?.count;
  let seenSeq = journal.lastSeq;
  /** Counted, and not yet put to an exit. */
  let open = 0;
  /** Those of which their own control group tells more. */
  const kept = new Set<string>();
  const stop = journal.listen(() => {
    const entries = journal.after(seenSeq);
    seenSeq = journal.lastSeq;
    for (const { event } of entries) {
      if (event.type === 'limit-kept' && event.limit === 'memory') kept.add(event.name);
      else if (event.type === 'started') kept.delete(event.name);
    }
    const killed = entries.flatMap(({ event }) => (isKilled(event) ? event.name : []));
    if (killed.length === 0 || known === undefined) return;
    const now = read();
    if (now === undefined) return;
    open += Math.max(0, now.count - known);
    known = now.count;
    for (const name of killed.slice(0, open))
      if (!kept.has(name)) record({ type: 'out-of-memory', name, isCertain: now.isOwn });
    open = Math.max(0, open - killed.length);
  });
  return { close: stop };
}

const isKilled = (event: Event): event is Extract<Event, { type: 'exited' }> =>
  event.type === 'exited' && !event.asked && event.exit.by === 'signal' && event.exit.signal === 'SIGKILL';
