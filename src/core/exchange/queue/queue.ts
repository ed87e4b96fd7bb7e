/**
 * The machine of one queue. It is told what is asked, what has been written and what time it is, and says what is to be
 * written and answered. Nothing is answered before it is written; a message is handed out only when its lease is written,
 * so attempts survive a crash.
 */
import {
  ack,
  extend,
  LEASE_EXPIRED,
  loseLease,
  nack,
  remove,
  removeWritten,
  retry,
  reviveWritten,
  sweepLeases,
  type NackOptions,
} from './ends.ts';
import type { Counts, FoundMessage, FoundRun, LeaseId, QueueEffect } from './events.ts';
import { endGet, get, leaseWritten, serve } from './gets.ts';
import { admit, loadRun, place, put, putWritten } from './puts.ts';
import { DEFAULT_RULES, type QueueRules } from './rules.ts';
import {
  bury,
  createState,
  extraOf,
  makeDelayed,
  makeReady,
  type Extra,
  type WaitingGet,
  type WaitingPut,
} from './state.ts';

export interface QueueOptions {
  readonly rules?: QueueRules;
  /** Numbers grow, and none comes twice. */
  readonly takeSeq: () => number;
  readonly emit: (effect: QueueEffect) => void;
}

/** Tickets are numbers of the caller's, unique in this queue; each is answered once. */
export interface Queue {
  put(ticket: number, one: WaitingPut, wait: boolean, nowMs: number): void;
  get(ticket: number, one: WaitingGet, untilMs: number, nowMs: number): void;
  ack(ticket: number, leases: readonly LeaseId[]): void;
  nack(ticket: number, leases: readonly LeaseId[], end: NackOptions, nowMs: number): void;
  extend(ticket: number, leases: readonly LeaseId[], untilMs: number): void;
  /** Messages that no reader has, dead ones too. */
  remove(ticket: number, seqs: readonly number[]): void;
  retry(ticket: number, seqs: readonly number[]): void;
  /** The client of this request is gone. */
  cancel(ticket: number): void;
  /** So is that of all requests of this session. */
  endHolder(holder: number, nowMs: number): void;
  written(write: number, isDone: boolean, nowMs: number): void;
  /** What is due by now happens. */
  wake(nowMs: number): void;
  /** Looks at all leases, whatever the timers say. */
  sweep(nowMs: number): void;
  pause(isPaused: boolean): void;
  setRules(rules: QueueRules, nowMs: number): void;
  /** What the store holds, in the order of the numbers, before anything is asked. */
  load(found: Iterable<FoundMessage | FoundRun>, nowMs: number): void;
  /** When `wake` is due; Infinity: never. */
  readonly nextMs: number;
  readonly counts: Counts;
  readonly rules: QueueRules;
  readonly isPaused: boolean;
  /** Requests that wait, for `ls`. */
  readonly waiting: { readonly gets: number; readonly puts: number };
  /** Those that wait, in the order in which they will be given out, then the delayed ones. */
  list(): Iterable<number>;
  dead(): Iterable<number>;
  stateOf(seq: number): { readonly place: Extra['place']; readonly attempts: number } | undefined;
}

export function createQueue({ rules = DEFAULT_RULES, takeSeq, emit }: QueueOptions): Queue {
  const state = createState(rules, takeSeq, emit);
  const settle = (nowMs: number): void => {
    admit(state, nowMs);
    serve(state);
  };

  const wakeDue = (nowMs: number): void => {
    for (; state.due.firstDue <= nowMs; state.due.pop()) {
      const seq = state.due.firstSeq ?? 0;
      const extra = state.extras.get(seq);
      if (extra?.place !== 'delayed' || extra.dueMs > nowMs) continue;
      state.counts.delayed -= 1;
      makeReady(state, seq, extra, extra.attempts > 0);
    }
    for (; state.leaseEnds.firstDue <= nowMs; state.leaseEnds.pop()) {
      const seq = state.leaseEnds.firstSeq ?? 0;
      if ((state.leases.get(seq)?.untilMs ?? Infinity) <= nowMs) loseLease(state, seq, LEASE_EXPIRED, nowMs);
    }
  };

  return {
    put: (ticket, one, wait, nowMs) => put(state, ticket, one, wait, nowMs),
    get: (ticket, one, untilMs, nowMs) => get(state, ticket, one, untilMs, nowMs),
    ack: (ticket, leases) => ack(state, ticket, leases),
    nack(ticket, leases, end, nowMs) {
      nack(state, ticket, leases, end, nowMs);
      settle(nowMs);
    },
    extend: (ticket, leases, untilMs) => extend(state, ticket, leases, untilMs),
    remove: (ticket, seqs) => remove(state, ticket, seqs, (seq) => extraOf(state, seq)),
    retry: (ticket, seqs) => retry(state, ticket, seqs),

    cancel(ticket) {
      endGet(state, ticket);
      if (state.puts.delete(ticket)) emit({ type: 'refuse', ticket, why: 'gone' });
      for (const one of state.writes.values())
        if (one.kind === 'lease' && one.ticket === ticket) one.isUnwanted = true;
    },

    endHolder(holder, nowMs) {
      for (const [ticket, one] of [...state.gets]) if (one.holder === holder) endGet(state, ticket);
      for (const [ticket, one] of [...state.puts]) {
        if (one.holder !== holder) continue;
        state.puts.delete(ticket);
        emit({ type: 'refuse', ticket, why: 'gone' });
      }
      for (const one of state.writes.values())
        if (one.kind === 'lease' && one.get.holder === holder) one.isUnwanted = true;
      const held = [...(state.byHolder.get(holder) ?? [])];
      for (const seq of held) loseLease(state, seq, 'the reader disconnected', nowMs);
      settle(nowMs);
    },

    written(write, isDone, nowMs) {
      const one = state.writes.get(write);
      state.writes.delete(write);
      switch (one?.kind) {
        case undefined:
          return;
        case 'put':
          putWritten(state, one, isDone);
          break;
        case 'lease':
          leaseWritten(state, one, isDone, nowMs);
          break;
        case 'remove':
          removeWritten(state, one, isDone, nowMs);
          break;
        case 'revive':
          reviveWritten(state, one, isDone);
          break;
        case 'tell':
          emit(
            isDone
              ? { type: 'done', ticket: one.ticket, lost: one.lost }
              : { type: 'refuse', ticket: one.ticket, why: 'not-written' },
          );
          return;
      }
      if (isDone) settle(nowMs);
    },

    wake(nowMs) {
      wakeDue(nowMs);
      settle(nowMs);
      for (; state.getEnds.firstDue <= nowMs; state.getEnds.pop())
        endGet(state, state.getEnds.firstSeq ?? -1);
    },
    sweep(nowMs) {
      sweepLeases(state, nowMs);
      settle(nowMs);
    },
    pause(isPaused) {
      state.isPaused = isPaused;
      serve(state);
    },
    setRules(changed, nowMs) {
      state.rules = changed;
      settle(nowMs);
    },

    load(found, nowMs) {
      const due: FoundMessage[] = [];
      for (const one of found) {
        if ('last' in one) loadRun(state, one);
        else if (one.place === 'ready' && one.dueMs !== null && one.dueMs <= nowMs) due.push(one);
        else if (one.place === 'ready') place(state, one.seq, one);
        else loadStarted(one, nowMs);
      }
      due.sort((one, other) => (one.dueMs ?? 0) - (other.dueMs ?? 0) || one.seq - other.seq);
      for (const one of due) place(state, one.seq, { ...one, dueMs: null });
    },

    get nextMs() {
      return Math.min(state.due.firstDue, state.leaseEnds.firstDue, state.getEnds.firstDue);
    },
    get counts() {
      return { ...state.counts };
    },
    get rules() {
      return state.rules;
    },
    get isPaused() {
      return state.isPaused;
    },
    get waiting() {
      return { gets: state.gets.size, puts: state.puts.size };
    },
    *list() {
      for (const seq of state.ready)
        if (state.plain.has(seq) || state.extras.get(seq)?.place === 'ready') yield seq;
      for (const seq of state.due) if (state.extras.get(seq)?.place === 'delayed') yield seq;
    },
    dead: () => state.dead,
    stateOf(seq) {
      if (state.plain.has(seq)) return { place: 'ready', attempts: 0 };
      const extra = state.extras.get(seq);
      return extra && { place: extra.place, attempts: extra.attempts };
    },
  };

  /** A message that has run. Whoever had it when the supervisor ended is gone. */
  function loadStarted(one: FoundMessage, nowMs: number): void {
    const { seq, priority, key, limit, attempts, excused, dueMs, bytes } = one;
    const extra: Extra = {
      place: 'ready',
      before: 'ready',
      priority,
      key,
      limit,
      attempts,
      excused,
      dueMs: 0,
    };
    state.extras.set(seq, extra);
    state.largestBytes = Math.max(state.largestBytes, bytes);
    if (one.place === 'dead') {
      extra.place = 'dead';
      state.dead.add(seq);
      state.counts.dead += 1;
      return;
    }
    const failure = 'the supervisor ended';
    if (one.place === 'leased' && attempts - excused >= (limit ?? state.rules.attempts)) {
      bury(state, seq, extra, failure);
      emit({ type: 'note', changes: [{ type: 'bury', seq, failure }] });
      return;
    }
    if (key !== null) state.keys.set(key, seq);
    if (one.place === 'leased')
      emit({ type: 'note', changes: [{ type: 'return', seq, dueMs: null, attempts, excused, failure }] });
    if (one.place === 'returned' && dueMs !== null && dueMs > nowMs) makeDelayed(state, seq, extra, dueMs);
    else makeReady(state, seq, extra, true);
  }
}
