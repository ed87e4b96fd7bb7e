/** How leases end: by their reader, its death, or their time. */
import type { Change, LeaseId } from './events.ts';
import {
  dropLease,
  endRun,
  forget,
  makeDelayed,
  makeReady,
  write,
  type Extra,
  type Lease,
  type QueueState,
  type Write,
} from './state.ts';

/**
 * The work is done. Also after the lease was over, as long as no other run has begun: a lone slow reader must not be made to
 * work twice.
 */
export function ack(state: QueueState, ticket: number, leases: readonly LeaseId[]): void {
  const seqs: number[] = [];
  const lost: number[] = [];
  for (const [index, id] of leases.entries()) {
    const lease = leaseOf(state, id);
    const extra = state.extras.get(id.seq);
    if (lease !== undefined) lease.isEnding = true;
    else if (extra !== undefined && isLate(extra, id)) startRemoving(extra);
    else {
      lost.push(index);
      continue;
    }
    seqs.push(id.seq);
  }
  removeAll(state, ticket, seqs, lost);
}

const isLate = (extra: Extra, { attempt }: LeaseId): boolean =>
  (extra.place === 'ready' || extra.place === 'delayed' || extra.place === 'dead') &&
  extra.attempts === attempt;

export interface NackOptions {
  readonly failure: string;
  /** It is to be given out again, and this was no failure. */
  readonly again: boolean;
  /** In place of the back-off. */
  readonly waitMs?: number | undefined;
}

export function nack(
  state: QueueState,
  ticket: number,
  leases: readonly LeaseId[],
  end: NackOptions,
  nowMs: number,
): void {
  const changes: Change[] = [];
  const lost: number[] = [];
  for (const [index, id] of leases.entries()) {
    const extra = state.extras.get(id.seq);
    if (extra === undefined || leaseOf(state, id) === undefined) {
      lost.push(index);
      continue;
    }
    dropLease(state, id.seq);
    changes.push(endRun(state, id.seq, extra, end, nowMs));
  }
  write(state, { kind: 'tell', ticket, lost }, changes);
}

export function extend(state: QueueState, ticket: number, leases: readonly LeaseId[], untilMs: number): void {
  const lost: number[] = [];
  for (const [index, id] of leases.entries()) {
    const lease = leaseOf(state, id);
    if (lease === undefined) {
      lost.push(index);
      continue;
    }
    lease.untilMs = untilMs;
    state.leaseEnds.push(untilMs, id.seq);
  }
  state.emit({ type: 'done', ticket, lost });
}

/** One that is still the reader's, and whose end was not asked for yet. */
function leaseOf(state: QueueState, { seq, attempt }: LeaseId): Lease | undefined {
  const lease = state.leases.get(seq);
  return lease?.attempt === attempt && !lease.isEnding ? lease : undefined;
}

/** Without its reader: the message goes back. */
export function loseLease(state: QueueState, seq: number, failure: string, nowMs: number): void {
  const lease = state.leases.get(seq);
  const extra = state.extras.get(seq);
  if (lease === undefined || extra === undefined) return;
  if (lease.isEnding) {
    lease.overFor = failure;
    return;
  }
  dropLease(state, seq);
  state.emit({ type: 'note', changes: [endRun(state, seq, extra, { failure }, nowMs)] });
}

export const LEASE_EXPIRED = 'the lease expired';

/** All whose time is over: not only those that a timer knows of. */
export function sweepLeases(state: QueueState, nowMs: number): void {
  for (const [seq, { untilMs }] of state.leases)
    if (untilMs <= nowMs) loseLease(state, seq, LEASE_EXPIRED, nowMs);
}

/** By name: what is leased cannot be removed. */
export function remove(
  state: QueueState,
  ticket: number,
  seqs: readonly number[],
  extra: (seq: number) => Extra | undefined,
): void {
  const going: number[] = [];
  const lost: number[] = [];
  for (const [index, seq] of seqs.entries()) {
    const one = extra(seq);
    if (one?.place === 'ready' || one?.place === 'delayed' || one?.place === 'dead') {
      startRemoving(one);
      going.push(seq);
    } else lost.push(index);
  }
  removeAll(state, ticket, going, lost);
}

function startRemoving(extra: Extra): void {
  if (extra.place === 'ready' || extra.place === 'delayed' || extra.place === 'dead')
    extra.before = extra.place;
  extra.place = 'removing';
}

function removeAll(
  state: QueueState,
  ticket: number,
  seqs: readonly number[],
  lost: readonly number[],
): void {
  if (seqs.length === 0) return state.emit({ type: 'done', ticket, lost });
  const changes = seqs.map((seq) => ({ type: 'remove', seq }) as const);
  write(state, { kind: 'remove', ticket, seqs, lost }, changes);
}

export function removeWritten(
  state: QueueState,
  { ticket, seqs, lost }: Extract<Write, { kind: 'remove' }>,
  isDone: boolean,
  nowMs: number,
): void {
  for (const seq of seqs) {
    const extra = state.extras.get(seq);
    if (extra === undefined) continue;
    if (isDone) {
      if (state.leases.has(seq)) dropLease(state, seq);
      else state.counts[extra.before] -= 1;
      forget(state, seq, extra);
    } else restore(state, seq, extra, nowMs);
  }
  state.emit(isDone ? { type: 'done', ticket, lost } : { type: 'refuse', ticket, why: 'not-written' });
}

function restore(state: QueueState, seq: number, extra: Extra, nowMs: number): void {
  const lease = state.leases.get(seq);
  if (lease !== undefined) {
    lease.isEnding = false;
    if (lease.overFor !== undefined) loseLease(state, seq, lease.overFor, nowMs);
    return;
  }
  if (extra.before === 'dead') {
    extra.place = 'dead';
    return;
  }
  state.counts[extra.before] -= 1;
  if (extra.before === 'ready') makeReady(state, seq, extra, true);
  else makeDelayed(state, seq, extra, extra.dueMs);
}

/** Dead letters get all their attempts again. */
export function retry(state: QueueState, ticket: number, seqs: readonly number[]): void {
  const going: number[] = [];
  const lost: number[] = [];
  for (const [index, seq] of seqs.entries()) {
    const extra = state.extras.get(seq);
    if (extra?.place !== 'dead') lost.push(index);
    else {
      startRemoving(extra);
      going.push(seq);
    }
  }
  const changes = going.map((seq) => ({ type: 'revive', seq }) as const);
  write(state, { kind: 'revive', ticket, seqs: going, lost }, changes);
}

export function reviveWritten(
  state: QueueState,
  { ticket, seqs, lost }: Extract<Write, { kind: 'revive' }>,
  isDone: boolean,
): void {
  for (const seq of seqs) {
    const extra = state.extras.get(seq);
    if (extra === undefined) continue;
    if (!isDone) {
      extra.place = 'dead';
      continue;
    }
    state.counts.dead -= 1;
    state.dead.delete(seq);
    extra.attempts = 0;
    extra.excused = 0;
    makeReady(state, seq, extra, true);
  }
  state.emit(isDone ? { type: 'done', ticket, lost } : { type: 'refuse', ticket, why: 'not-written' });
}
