/** One queue with its time and its store: promises for tickets. */
import type { LeaseId, NewMessage, PutResult, QueueEffect } from '../../../core/exchange/queue/events.ts';
import { createQueue, type Queue } from '../../../core/exchange/queue/queue.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MessageStore, QueueSettings, StoreChange } from '../../../ports/message-store.ts';
import { QueueRefused, type QueueClient } from '../../../ports/queue-backend.ts';
import type { GroupCommit } from './group-commit.ts';

export interface Runner {
  readonly id: number;
  readonly name: string;
  readonly store: MessageStore;
  readonly queue: Queue;
  /** `waitMs`: for room; Infinity: for ever. */
  put(items: readonly NewMessage[], waitMs: number, client: QueueClient): Promise<readonly PutResult[]>;
  get(most: number, waitMs: number, leaseMs: number, client: QueueClient): Promise<readonly LeaseId[]>;
  /** The indexes of those that were lost. */
  end(ask: (queue: Queue, ticket: number, nowMs: number) => void): Promise<readonly number[]>;
  change(settings: QueueSettings): Promise<void>;
  readonly settings: QueueSettings;
  close(): void;
}

export interface RunnerOptions {
  readonly id: number;
  readonly name: string;
  readonly settings: QueueSettings;
  readonly store: MessageStore;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly takeSeq: () => number;
}

interface Asked {
  readonly resolve: (answer: never) => void;
  readonly reject: (why: QueueRefused) => void;
}

const SWEEP_MS = 1000;

export function createRunner(options: RunnerOptions): Runner {
  const { id, name, store, commit, clock, takeSeq } = options;
  const asked = new Map<number, Asked>();
  const holders = new Set<number>();
  let settings = options.settings;
  let isStored = store.queues().some((one) => one.id === id);
  let lastTicket = 0;
  let cancelTimer: (() => void) | undefined;
  let timerMs = Infinity;
  let isClosed = false;

  const queue = createQueue({ rules: settings, takeSeq, emit: hear });
  load();

  function load(): void {
    const shiftMs = clock.now() - clock.wallNow();
    function* found() {
      for (const one of store.found(id))
        yield { ...one, dueMs: one.dueMs === null ? null : one.dueMs + shiftMs };
    }
    queue.load(found(), clock.now());
    if (settings.isPaused) queue.pause(true);
    setTimer();
  }

  function hear(effect: QueueEffect): void {
    switch (effect.type) {
      case 'write': {
        const { write, isUrgent, changes } = effect;
        commit.add({
          ...{ changes: changes.map(stored), isUrgent },
          settle(isDone) {
            queue.written(write, isDone, clock.now());
            setTimer();
          },
        });
        return;
      }
      case 'note':
        commit.add({ changes: effect.changes.map(stored), isUrgent: true, settle: () => undefined });
        return;
      case 'put':
        return answer(effect.ticket, effect.results);
      case 'give':
        return answer(effect.ticket, effect.given);
      case 'done':
        return answer(effect.ticket, effect.lost);
      case 'refuse':
        asked.get(effect.ticket)?.reject(new QueueRefused(effect.why));
        asked.delete(effect.ticket);
        return;
      case 'died':
        return;
    }
  }

  /** With times of the clock on the wall, which goes on when we do not. */
  function stored(change: Extract<QueueEffect, { type: 'note' }>['changes'][number]): StoreChange {
    const wallMs = clock.wallNow();
    const shifted =
      'dueMs' in change && change.dueMs !== null
        ? { ...change, dueMs: Math.round(change.dueMs - clock.now() + wallMs) }
        : change;
    return { queue: id, change: shifted, wallMs };
  }

  function answer(ticket: number, value: unknown): void {
    asked.get(ticket)?.resolve(value as never);
    asked.delete(ticket);
  }

  function ask<T>(deed: (ticket: number) => void): { readonly ticket: number; readonly answer: Promise<T> } {
    const ticket = (lastTicket += 1);
    const promise = new Promise<T>((resolve, reject) => asked.set(ticket, { resolve, reject }));
    deed(ticket);
    setTimer();
    return { ticket, answer: promise };
  }

  /** What it holds or waits for ends with the client. */
  function follow(ticket: number, { holder, gone }: QueueClient, promise: Promise<unknown>): void {
    if (holder === undefined) {
      if (!asked.has(ticket)) return;
      const leave = (): void => queue.cancel(ticket);
      gone.addEventListener('abort', leave, { once: true });
      const stop = (): void => gone.removeEventListener('abort', leave);
      promise.then(stop, stop);
    } else if (!holders.has(holder.id)) {
      holders.add(holder.id);
      holder.onEnd(() => {
        holders.delete(holder.id);
        if (isClosed) return;
        queue.endHolder(holder.id, clock.now());
        setTimer();
      });
    }
  }

  function setTimer(): void {
    if (isClosed) return;
    // Behind the timers of leases stands a look at all of them.
    const sweepMs = queue.counts.leased > 0 ? clock.now() + SWEEP_MS : Infinity;
    const nextMs = Math.min(queue.nextMs, sweepMs);
    if (nextMs >= timerMs) return;
    cancelTimer?.();
    timerMs = nextMs;
    cancelTimer = clock.after(Math.max(1, Math.ceil(nextMs - clock.now())), () => {
      timerMs = Infinity;
      queue.wake(clock.now());
      queue.sweep(clock.now());
      setTimer();
    });
  }

  /** A queue is in the store before its first message. */
  function keep(): void {
    if (isStored) return;
    isStored = true;
    commit.add({
      ...{ changes: [{ queue: id, name, settings }], isUrgent: false },
      settle: (isDone) => void (isStored &&= isDone),
    });
  }

  return {
    id,
    name,
    store,
    queue,
    get settings() {
      return settings;
    },
    put(items, waitMs, client) {
      keep();
      const one = { items, holder: client.holder?.id ?? null };
      const { ticket, answer: promise } = ask<readonly PutResult[]>((number) =>
        queue.put(number, one, waitMs > 0, clock.now()),
      );
      follow(ticket, client, promise);
      if (waitMs <= 0 || waitMs === Infinity || !asked.has(ticket)) return promise;
      const cancel = clock.after(waitMs, () => queue.cancel(ticket));
      promise.then(cancel, cancel);
      return promise;
    },
    get(most, waitMs, leaseMs, client) {
      const holder = client.holder?.id ?? null;
      const { ticket, answer: promise } = ask<readonly LeaseId[]>((number) =>
        queue.get(number, { most, leaseMs, holder }, clock.now() + waitMs, clock.now()),
      );
      follow(ticket, client, promise);
      return promise;
    },
    end: (deed) => ask<readonly number[]>((ticket) => deed(queue, ticket, clock.now())).answer,
    change(changed) {
      settings = changed;
      queue.setRules(changed, clock.now());
      if (changed.isPaused !== queue.isPaused) queue.pause(changed.isPaused);
      isStored = true;
      return new Promise((resolve, reject) => {
        commit.add({
          ...{ changes: [{ queue: id, name, settings: changed }], isUrgent: true },
          settle: (isDone) => (isDone ? resolve() : reject(new QueueRefused('not-written'))),
        });
      });
    },
    close() {
      isClosed = true;
      cancelTimer?.();
      for (const { reject } of asked.values()) reject(new QueueRefused('gone'));
      asked.clear();
    },
  };
}
