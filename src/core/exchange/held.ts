/**
 * What the exchange of a supervisor holds, as plain facts: `GET /v1/exchange`, `ps --all` and `top` show it. A new kind adds
 * its member here, and the registry that has it tells it (`runtime/exchange/exchange.ts`). The compiler then names the places
 * that must know it: its schema (`control/exchange-routes.ts`) and its columns (`ui/exchange-tables.ts`).
 */

export interface HeldQueue {
  readonly kind: 'queue';
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  /** Requests that wait for a message, or for room. */
  readonly readers: number;
  readonly writers: number;
  readonly maxsize: number | null;
  readonly paused: boolean;
  /** What keeps its messages: `sqlite`, `memory`. */
  readonly store: string;
}

export interface HeldLock {
  readonly kind: 'lock';
  readonly name: string;
  readonly slots: number;
  /** How many sessions have it, and wait for it. */
  readonly held: number;
  readonly waiting: number;
  readonly abandoned: boolean;
  /** The first `MOST_HOLDERS` of those that have it. What they say about themselves. */
  readonly holders: readonly { readonly pid: number | null; readonly command: string | null }[];
}

export interface HeldMemory {
  readonly kind: 'memory';
  readonly name: string;
  readonly bytes: number;
  readonly path: string;
  /** ISO time of its creation. */
  readonly since: string;
}

export interface HeldValue {
  readonly kind: 'value';
  readonly name: string;
  readonly version: number;
  /** Length of its JSON. */
  readonly size: number;
  readonly watchers: number;
}

export interface HeldFlag {
  readonly kind: 'flag';
  readonly name: string;
  readonly set: boolean;
  readonly waiting: number;
}

export interface HeldBarrier {
  readonly kind: 'barrier';
  readonly name: string;
  readonly parties: number;
  readonly waiting: number;
}

export interface HeldChannel {
  readonly kind: 'channel';
  readonly name: string;
  readonly senders: number;
  readonly receivers: number;
  readonly broadcast: boolean;
  /** Messages that are not received. */
  readonly waiting: number;
}

export type HeldThing = HeldQueue | HeldLock | HeldMemory | HeldValue | HeldFlag | HeldBarrier | HeldChannel;
export type HeldKind = HeldThing['kind'];
export type HeldOf<Kind extends HeldKind> = Extract<HeldThing, { readonly kind: Kind }>;

/** In the order in which they are shown. */
export const HELD_KINDS: readonly HeldKind[] = Object.keys({
  queue: true,
  lock: true,
  memory: true,
  value: true,
  flag: true,
  barrier: true,
  channel: true,
} satisfies Record<HeldKind, true>) as HeldKind[];

export const MOST_HOLDERS = 5;

export interface HeldPage {
  readonly held: readonly HeldThing[];
  /** Where the next page begins; null: there is no more. */
  readonly next: string | null;
}

/** `after`: the `next` of the page before. What was made or removed meanwhile is in its place, or not there. */
export function pageOf(
  all: readonly HeldThing[],
  {
    kinds,
    after,
    most,
  }: {
    readonly kinds?: readonly HeldKind[] | undefined;
    readonly after?: string | undefined;
    readonly most: number;
  },
): HeldPage {
  const wanted = all
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .map((one) => ({ one, place: placeOf(one) }))
    .filter(({ place }) => after === undefined || place > after)
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  const page = wanted.slice(0, most);
  return {
    held: page.map(({ one }) => one),
    next: page.length < wanted.length ? (page.at(-1)?.place ?? null) : null,
  };
}

/** `0/mail`: by kind, then by name. */
const placeOf = ({ kind, name }: HeldThing): string => `${String(HELD_KINDS.indexOf(kind))}/${name}`;
