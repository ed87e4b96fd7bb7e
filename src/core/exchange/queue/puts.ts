/** Messages that come in. */
import type { Change, FoundRun, NewMessage, PutResult, StoredParts } from './events.ts';
import {
  makeDelayed,
  makeReady,
  newExtra,
  sizeOf,
  write,
  type QueueState,
  type WaitingPut,
  type Write,
} from './state.ts';

/** All of them, or none. `wait`: until there is room. */
export function put(state: QueueState, ticket: number, one: WaitingPut, wait: boolean, nowMs: number): void {
  const { maxsize } = state.rules;
  const count = countNew(state, one.items);
  const isFull = maxsize !== null && sizeOf(state) + count > maxsize;
  if (count === 0 || (!isFull && state.puts.size === 0)) return add(state, ticket, one.items, nowMs);
  if (!wait || count > (maxsize ?? Infinity))
    return state.emit({ type: 'refuse', ticket, why: 'queue-full' });
  state.puts.set(ticket, one);
}

/** Those that wait, in their order, as far as there is room. */
export function admit(state: QueueState, nowMs: number): void {
  for (const [ticket, { items }] of state.puts) {
    const maxsize = state.rules.maxsize ?? Infinity;
    const count = countNew(state, items);
    // A key that was taken when it came may be free now, or the limit lower.
    const canNever = count > maxsize;
    if (!canNever && sizeOf(state) + count > maxsize) return;
    state.puts.delete(ticket);
    if (canNever) state.emit({ type: 'refuse', ticket, why: 'queue-full' });
    else add(state, ticket, items, nowMs);
  }
}

export function putWritten(state: QueueState, one: Extract<Write, { kind: 'put' }>, isDone: boolean): void {
  state.storing -= one.adds.length;
  if (!isDone) {
    for (const { seq, key } of one.adds)
      if (key !== null && state.keys.get(key) === seq) state.keys.delete(key);
    state.emit({ type: 'refuse', ticket: one.ticket, why: 'not-written' });
    return;
  }
  for (const added of one.adds) place(state, added.seq, added);
  for (const { seq, dueMs } of one.moves) move(state, seq, dueMs);
  state.emit({ type: 'put', ticket: one.ticket, results: one.results });
}

/** A new message, or one that was found after a restart and has not run. */
export function place(state: QueueState, seq: number, parts: StoredParts): void {
  const { priority, key, limit, dueMs, bytes } = parts;
  state.largestBytes = Math.max(state.largestBytes, bytes);
  if (priority === 0 && key === null && limit === null && dueMs === null) {
    state.plain.add(seq);
    state.counts.ready += 1;
    state.ready.push(0, seq);
    return;
  }
  const extra = newExtra(priority, key, limit);
  state.extras.set(seq, extra);
  if (key !== null) state.keys.set(key, seq);
  if (dueMs === null) makeReady(state, seq, extra, false);
  else makeDelayed(state, seq, extra, dueMs);
}

export function loadRun(state: QueueState, { first, last, bytes }: FoundRun): void {
  state.largestBytes = Math.max(state.largestBytes, bytes);
  state.counts.ready += last - first + 1;
  for (let seq = first; seq <= last; seq += 1) {
    state.plain.add(seq);
    state.ready.push(0, seq);
  }
}

/** Whose message has been replaced with a delay waits again. */
function move(state: QueueState, seq: number, dueMs: number): void {
  const extra = state.extras.get(seq);
  if (extra?.place !== 'ready' && extra?.place !== 'delayed') return;
  state.counts[extra.place] -= 1;
  makeDelayed(state, seq, extra, dueMs);
}

function add(state: QueueState, ticket: number, items: readonly NewMessage[], nowMs: number): void {
  const changes: Change[] = [];
  const results: PutResult[] = [];
  const adds: Extract<Change, { type: 'add' }>[] = [];
  const moves: { readonly seq: number; readonly dueMs: number }[] = [];
  for (const item of items) {
    const { body, bytes, delayMs = 0, key = null } = item;
    const dueMs = delayMs > 0 ? nowMs + delayMs : null;
    const taken = takenBy(state, item);
    if (taken !== undefined) {
      results.push({ seq: taken, isNew: false });
      if (item.onTaken !== 'replace') continue;
      changes.push({ type: 'replace', seq: taken, body, bytes, dueMs });
      state.largestBytes = Math.max(state.largestBytes, bytes);
      if (dueMs !== null) moves.push({ seq: taken, dueMs });
      continue;
    }
    const seq = state.takeSeq();
    if (key !== null) state.keys.set(key, seq);
    results.push({ seq, isNew: true });
    const { priority = 0, attempts: limit = null } = item;
    const added = { type: 'add', seq, body, bytes, priority, key, limit, dueMs } as const;
    adds.push(added);
    changes.push(added);
  }
  state.storing += adds.length;
  write(state, { kind: 'put', ticket, results, adds, moves }, changes);
}

/** What a reader has is not replaced: the new message follows it. What is about to end has given up its key. */
function takenBy(state: QueueState, { key, onTaken }: NewMessage): number | undefined {
  const seq = key === undefined ? undefined : state.keys.get(key);
  if (seq === undefined) return undefined;
  const place = state.extras.get(seq)?.place;
  if (place === 'removing' || state.leases.get(seq)?.isEnding === true) return undefined;
  return onTaken === 'replace' && (place === 'leasing' || place === 'leased') ? undefined : seq;
}

function countNew(state: QueueState, items: readonly NewMessage[]): number {
  let own: Set<string> | undefined;
  let count = 0;
  for (const item of items) {
    if (item.key !== undefined) {
      own ??= new Set();
      if (own.has(item.key) || takenBy(state, item) !== undefined) continue;
      own.add(item.key);
    }
    count += 1;
  }
  return count;
}
