/**
 * The state of one queue, changed in place, for it takes a hundred thousand messages a second. A message that waits for its
 * first run with nothing special about it is one bit and one number; all others have an `Extra`.
 */
import { DueHeap } from './due-heap.ts';
import type { Change, LeaseId, NewMessage, PutResult, QueueEffect } from './events.ts';
import { ReadyList } from './ready-list.ts';
import { backoffAfter, type QueueRules } from './rules.ts';
import { SeqSet } from './seq-set.ts';

/**
 * `leasing`: given to a reader as soon as that is written. `removing`: gone as soon as that is written.
 */
export type MessagePlace = 'ready' | 'delayed' | 'leasing' | 'leased' | 'dead' | 'removing';

export interface Extra {
  place: MessagePlace;
  /** While it is being removed. */
  before: 'ready' | 'delayed' | 'dead';
  priority: number;
  key: string | null;
  limit: number | null;
  /** Runs that have begun. */
  attempts: number;
  excused: number;
  dueMs: number;
}

export interface Lease {
  readonly attempt: number;
  /** The session; null: only the time counts. */
  readonly holder: number | null;
  /** Infinity: as long as the session lasts. */
  untilMs: number;
  /** Its end is being written. */
  isEnding: boolean;
  /** It is over, should that not be possible. */
  overFor: string | undefined;
}

export interface WaitingGet {
  readonly most: number;
  readonly leaseMs: number;
  readonly holder: number | null;
}

export interface WaitingPut {
  readonly items: readonly NewMessage[];
  readonly holder: number | null;
}

export type Write =
  | {
      readonly kind: 'put';
      readonly ticket: number;
      readonly results: readonly PutResult[];
      readonly adds: readonly Extract<Change, { type: 'add' }>[];
      readonly moves: readonly { readonly seq: number; readonly dueMs: number }[];
    }
  | {
      readonly kind: 'lease';
      readonly ticket: number;
      readonly get: WaitingGet;
      readonly given: readonly LeaseId[];
      isUnwanted: boolean;
    }
  | {
      readonly kind: 'remove';
      readonly ticket: number;
      readonly seqs: readonly number[];
      readonly lost: readonly number[];
    }
  | {
      readonly kind: 'revive';
      readonly ticket: number;
      readonly seqs: readonly number[];
      readonly lost: readonly number[];
    }
  | { readonly kind: 'tell'; readonly ticket: number; readonly lost: readonly number[] };

export interface QueueState {
  rules: QueueRules;
  isPaused: boolean;
  readonly plain: SeqSet;
  readonly extras: Map<number, Extra>;
  readonly ready: ReadyList;
  /** Of delayed messages; an entry that is not the one in its `Extra` counts no more. */
  readonly due: DueHeap;
  readonly leases: Map<number, Lease>;
  readonly leaseEnds: DueHeap;
  readonly byHolder: Map<number, Set<number>>;
  readonly keys: Map<string, number>;
  readonly dead: Set<number>;
  /** By ticket, in the order of their arrival. */
  readonly gets: Map<number, WaitingGet>;
  readonly getEnds: DueHeap;
  readonly puts: Map<number, WaitingPut>;
  readonly writes: Map<number, Write>;
  lastWrite: number;
  readonly counts: { ready: number; delayed: number; leased: number; dead: number };
  /** Messages of puts that are not written yet. */
  storing: number;
  /** Of the largest message since the queue was empty. */
  largestBytes: number;
  readonly takeSeq: () => number;
  readonly emit: (effect: QueueEffect) => void;
}

export function createState(
  rules: QueueRules,
  takeSeq: () => number,
  emit: (effect: QueueEffect) => void,
): QueueState {
  return {
    ...{ rules, isPaused: false, plain: new SeqSet(), extras: new Map(), ready: new ReadyList() },
    ...{ due: new DueHeap(), leases: new Map(), leaseEnds: new DueHeap(), byHolder: new Map() },
    ...{ keys: new Map(), dead: new Set(), gets: new Map(), getEnds: new DueHeap(), puts: new Map() },
    ...{ writes: new Map(), lastWrite: 0, storing: 0, largestBytes: 0, takeSeq, emit },
    counts: { ready: 0, delayed: 0, leased: 0, dead: 0 },
  };
}

/** What counts against `maxsize`. */
export const sizeOf = ({ counts: { ready, delayed, leased }, storing }: QueueState): number =>
  ready + delayed + leased + storing;

export function isReady({ plain, extras }: QueueState, seq: number): boolean {
  return plain.has(seq) || extras.get(seq)?.place === 'ready';
}

/** The `Extra` of a message of this queue, made where it had none. */
export function extraOf({ plain, extras }: QueueState, seq: number): Extra | undefined {
  const known = extras.get(seq);
  if (known !== undefined || !plain.delete(seq)) return known;
  const extra = newExtra(0, null, null);
  extras.set(seq, extra);
  return extra;
}

/** Without spread: it is made for each message that is given out. */
export function newExtra(priority: number, key: string | null, limit: number | null): Extra {
  // prettier-ignore
  return { place: 'ready', before: 'ready', priority, key, limit, attempts: 0, excused: 0, dueMs: 0 };
}

/** `isBack`: it was given out before, and goes to the front. */
export function makeReady(state: QueueState, seq: number, extra: Extra, isBack: boolean): void {
  extra.place = 'ready';
  state.counts.ready += 1;
  if (isBack) state.ready.giveBack(extra.priority, seq);
  else state.ready.push(extra.priority, seq);
}

export function makeDelayed(state: QueueState, seq: number, extra: Extra, dueMs: number): void {
  extra.place = 'delayed';
  extra.dueMs = dueMs;
  state.counts.delayed += 1;
  state.due.push(dueMs, seq);
}

export function forget(state: QueueState, seq: number, extra: Extra): void {
  state.extras.delete(seq);
  state.dead.delete(seq);
  if (extra.key !== null && state.keys.get(extra.key) === seq) state.keys.delete(extra.key);
  if (sizeOf(state) === 0) state.largestBytes = 0;
}

export function dropLease(state: QueueState, seq: number): void {
  const lease = state.leases.get(seq);
  if (lease === undefined) return;
  state.leases.delete(seq);
  state.counts.leased -= 1;
  if (lease.holder === null) return;
  const held = state.byHolder.get(lease.holder);
  held?.delete(seq);
  if (held?.size === 0) state.byHolder.delete(lease.holder);
}

/**
 * A run has failed, or has asked for another one (`again`): to the front after a back-off, or to the dead letters. Its lease
 * is dropped already.
 */
export function endRun(
  state: QueueState,
  seq: number,
  extra: Extra,
  end: { readonly failure: string; readonly again?: boolean; readonly waitMs?: number | undefined },
  nowMs: number,
): Change {
  const { failure, again = false } = end;
  if (again) extra.excused += 1;
  const failed = extra.attempts - extra.excused;
  if (!again && failed >= (extra.limit ?? state.rules.attempts)) {
    bury(state, seq, extra, failure);
    return { type: 'bury', seq, failure };
  }
  const waitMs = end.waitMs ?? backoffAfter(state.rules, again ? 1 : failed);
  if (waitMs > 0) makeDelayed(state, seq, extra, nowMs + waitMs);
  else makeReady(state, seq, extra, true);
  const { attempts, excused } = extra;
  const dueMs = waitMs > 0 ? nowMs + waitMs : null;
  return { type: 'return', seq, dueMs, attempts, excused, ...(!again && { failure }) };
}

export function bury(state: QueueState, seq: number, extra: Extra, failure: string): void {
  extra.place = 'dead';
  state.dead.add(seq);
  state.counts.dead += 1;
  if (extra.key !== null && state.keys.get(extra.key) === seq) state.keys.delete(extra.key);
  state.emit({ type: 'died', seq, failure });
}

export function write(state: QueueState, one: Write, changes: readonly Change[]): void {
  state.writes.set((state.lastWrite += 1), one);
  state.emit({ type: 'write', write: state.lastWrite, isUrgent: one.kind !== 'put', changes });
}
