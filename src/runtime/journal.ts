/**
 * Recent events, for `events` and `why`. Keeps the latest of all and the latest of each name, so that a process that
 * crashes all day does not displace the events of another one.
 */
import { namesIn, type Event } from '../core/events.ts';

export interface JournalEntry {
  /** 1 for the first; without gaps. */
  readonly seq: number;
  /** Unix time in milliseconds. */
  readonly wallMs: number;
  readonly event: Event;
}

export interface Journal {
  add(event: Event): void;
  /** The kept entries after `seq`, oldest first. */
  after(seq: number): readonly JournalEntry[];
  /** The latest entries about one instance and about all, oldest first. */
  about(name: string): readonly JournalEntry[];
  readonly lastSeq: number;
  /** Calls back after each new entry, until the returned function is called. */
  listen(listener: () => void): () => void;
}

const MOST = 1000;
const MOST_OF_ONE = 50;
const MOST_NAMES = 1000;

export function createJournal(wallNow: () => number): Journal {
  const all: JournalEntry[] = [];
  const byName = new Map<string, JournalEntry[]>();
  const aboutAll: JournalEntry[] = [];
  const listeners = new Set<() => void>();
  let lastSeq = 0;

  const keepApart = (name: string, entry: JournalEntry): void => {
    const own = byName.get(name) ?? [];
    keep(own, entry, MOST_OF_ONE);
    // The insertion order is that of the last event: the oldest names are dropped first.
    byName.delete(name);
    byName.set(name, own);
    if (byName.size > MOST_NAMES) for (const oldest of byName.keys()) return void byName.delete(oldest);
  };

  return {
    get lastSeq() {
      return lastSeq;
    },
    add(event) {
      const entry = { seq: (lastSeq += 1), wallMs: wallNow(), event };
      keep(all, entry, MOST);
      // A request that names instances is about them, and no news for the others.
      const names = namesIn(event);
      if (names === undefined) keep(aboutAll, entry, MOST_OF_ONE);
      for (const one of names ?? []) keepApart(one, entry);
      for (const listener of [...listeners]) listener();
    },
    after: (seq) => all.filter((entry) => entry.seq > seq),
    about(name) {
      const own = [...(byName.get(name) ?? []), ...aboutAll];
      return own.sort((a, b) => a.seq - b.seq);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function keep(entries: JournalEntry[], entry: JournalEntry, most: number): void {
  entries.push(entry);
  if (entries.length > most) entries.shift();
}
