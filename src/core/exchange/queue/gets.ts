/** Messages that are given to readers. */
import type { LeaseId } from './events.ts';
import {
  dropLease,
  extraOf,
  isReady,
  makeReady,
  write,
  type QueueState,
  type WaitingGet,
  type Write,
} from './state.ts';

/** What one answer holds, in bytes: at least one message, whatever its size. */
const MOST_GIVEN_BYTES = 4 * 1024 * 1024;

/** `untilMs`: how long it waits for the first message. */
export function get(
  state: QueueState,
  ticket: number,
  one: WaitingGet,
  untilMs: number,
  nowMs: number,
): void {
  state.gets.set(ticket, one);
  serve(state);
  if (!state.gets.has(ticket)) return;
  if (untilMs <= nowMs) endGet(state, ticket);
  else if (untilMs < Infinity) state.getEnds.push(untilMs, ticket);
}

/** Gives what is ready to those that wait, in their order. */
export function serve(state: QueueState): void {
  const ready = (seq: number): boolean => isReady(state, seq);
  for (const [ticket, one] of state.gets) {
    if (state.isPaused || state.counts.ready === 0) return;
    const most = Math.min(
      one.most,
      Math.max(1, Math.floor(MOST_GIVEN_BYTES / Math.max(1, state.largestBytes))),
    );
    const given: LeaseId[] = [];
    while (given.length < most) {
      const seq = state.ready.take(ready);
      const extra = seq === undefined ? undefined : extraOf(state, seq);
      if (seq === undefined || extra === undefined) break;
      extra.place = 'leasing';
      extra.attempts += 1;
      state.counts.ready -= 1;
      state.counts.leased += 1;
      given.push({ seq, attempt: extra.attempts });
    }
    if (given.length === 0) return;
    state.gets.delete(ticket);
    const changes = given.map(({ seq, attempt }) => ({ type: 'lease', seq, attempts: attempt }) as const);
    write(state, { kind: 'lease', ticket, get: one, given, isUnwanted: false }, changes);
  }
}

export function leaseWritten(
  state: QueueState,
  one: Extract<Write, { kind: 'lease' }>,
  isDone: boolean,
  nowMs: number,
): void {
  const { ticket, given, get: asked } = one;
  if (!isDone || one.isUnwanted) {
    takeBack(state, given, isDone);
    state.emit(isDone ? { type: 'give', ticket, given: [] } : { type: 'refuse', ticket, why: 'not-written' });
    return;
  }
  for (const { seq, attempt } of given) lease(state, seq, attempt, asked, nowMs);
  state.emit({ type: 'give', ticket, given });
}

function lease(
  state: QueueState,
  seq: number,
  attempt: number,
  { holder, leaseMs }: WaitingGet,
  nowMs: number,
): void {
  const extra = state.extras.get(seq);
  if (extra === undefined) return;
  extra.place = 'leased';
  const untilMs = nowMs + leaseMs;
  state.leases.set(seq, { attempt, holder, untilMs, isEnding: false, overFor: undefined });
  if (untilMs < Infinity) state.leaseEnds.push(untilMs, seq);
  if (holder === null) return;
  const held = state.byHolder.get(holder);
  if (held === undefined) state.byHolder.set(holder, new Set([seq]));
  else held.add(seq);
}

/** They were not handed out: that was no run. `wasWritten`: the store says that it was. */
export function takeBack(state: QueueState, given: readonly LeaseId[], wasWritten: boolean): void {
  for (const { seq } of given) {
    const extra = state.extras.get(seq);
    if (extra === undefined) continue;
    extra.attempts -= 1;
    if (state.leases.has(seq)) dropLease(state, seq);
    else state.counts.leased -= 1;
    makeReady(state, seq, extra, true);
    const { attempts, excused } = extra;
    if (wasWritten)
      state.emit({ type: 'note', changes: [{ type: 'return', seq, dueMs: null, attempts, excused }] });
  }
}

/** It has waited long enough, or its reader is gone. */
export function endGet(state: QueueState, ticket: number): void {
  if (state.gets.delete(ticket)) state.emit({ type: 'give', ticket, given: [] });
}
