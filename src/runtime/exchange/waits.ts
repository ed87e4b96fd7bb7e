/**
 * Requests that wait for something of the exchange. Each is settled once: by its answer, or when it leaves because its time is
 * over, its client cancels it or is gone.
 */
import { refused, type Refused } from '../../core/exchange/refusal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Holder } from './holder.ts';

/** Who asks. Of a single request there is no holder. */
export interface Client {
  readonly holder: Holder | undefined;
  readonly gone: AbortSignal;
}

export interface Asking extends Client {
  /** How long it may wait; 0: not at all. Undefined: as long as the client is there. */
  readonly waitMs?: number | undefined;
  /** By which its session may cancel it. */
  readonly token?: number | undefined;
}

export type LeaveReason = 'timeout' | 'cancelled' | 'ended';

/** What is told of one that waits. */
export interface Waiter {
  readonly pid: number | null;
  readonly command: string | null;
  /** ISO time. */
  readonly since: string;
}

export interface Waits<Outcome> {
  /**
   * `begin` is called with a number by which it may be settled, at once or later. `leave`: it does not wait any longer; returns
   * what it is answered.
   */
  ask(
    asking: Asking,
    begin: (id: number) => void,
    leave: (id: number, why: LeaveReason) => Outcome,
  ): Promise<Outcome>;
  settle(id: number, outcome: Outcome): void;
  waiter(id: number): Waiter;
  /** One that is settled or unknown is left alone. */
  cancel(token: number, holder: Holder): void;
  readonly count: number;
  /** All are answered with this. */
  close(outcome: Outcome): void;
}

interface Pending<Outcome> {
  readonly asking: Asking;
  readonly sinceMs: number;
  readonly leave: (why: LeaveReason) => void;
  readonly settle: (outcome: Outcome) => void;
}

export function createWaits<Outcome>(clock: Pick<Clock, 'wallNow' | 'after'>): Waits<Outcome> {
  const all = new Map<number, Pending<Outcome>>();
  let lastId = 0;

  const settle = (id: number, outcome: Outcome): void => {
    const one = all.get(id);
    if (one === undefined) return;
    all.delete(id);
    one.settle(outcome);
  };

  return {
    ask: (asking, begin, leave) =>
      new Promise((resolve) => {
        const { waitMs } = asking;
        const id = (lastId += 1);
        if (hasGone(asking)) return resolve(leave(id, 'ended'));
        const stops: (() => void)[] = [];
        const giveUp = (why: LeaveReason): void => {
          if (all.has(id)) settle(id, leave(id, why));
        };
        all.set(id, {
          asking,
          sinceMs: clock.wallNow(),
          leave: giveUp,
          settle(outcome) {
            for (const stop of stops) stop();
            resolve(outcome);
          },
        });
        begin(id);
        if (!all.has(id)) return;
        if (waitMs === 0) return giveUp('timeout');
        if (waitMs !== undefined) stops.push(clock.after(waitMs, () => giveUp('timeout')));
        stops.push(whenGone(asking, () => giveUp('ended')));
      }),
    settle,
    waiter(id) {
      const { asking, sinceMs = 0 } = all.get(id) ?? {};
      const { pid = null, command = null } = asking?.holder?.client ?? {};
      return { pid, command, since: new Date(sinceMs).toISOString() };
    },
    cancel(token, holder) {
      for (const { asking, leave } of [...all.values()])
        if (asking.token === token && asking.holder === holder) leave('cancelled');
    },
    get count() {
      return all.size;
    },
    close(outcome) {
      for (const id of [...all.keys()]) settle(id, outcome);
    },
  };
}

export const hasGone = ({ holder, gone }: Client): boolean => holder?.hasEnded ?? gone.aborted;

/** Calls back once, when the client is gone. The returned function takes it back. */
export function whenGone({ holder, gone }: Client, leave: () => void): () => void {
  if (holder !== undefined) return holder.onEnd(leave);
  gone.addEventListener('abort', leave, { once: true });
  return () => gone.removeEventListener('abort', leave);
}

/** Of one kind, of all clients together, so that memory is bounded. */
export const MOST_WAITING = 10_000;
export const MOST_NAMES = 10_000;

export const tooMany = (kind: string, what: string, most: number): Refused =>
  refused(`${kind}-too-many`, `too many ${what} (the limit is ${String(most)})`);

/** What a request that has left is answered: nobody hears of the end. */
export function leftBecause(kind: string, name: string, why: LeaveReason): Refused {
  if (why === 'timeout') return refused(`${kind}-timeout`, `timed out waiting for ${kind} '${name}'`);
  if (why === 'cancelled') return refused(`${kind}-cancelled`, 'the request was cancelled');
  return SESSION_ENDED;
}

const SESSION_ENDED = refused('session-ended', 'the session has ended');
export const SUPERVISOR_ENDS = refused('session-ended', 'the supervisor is ending');
