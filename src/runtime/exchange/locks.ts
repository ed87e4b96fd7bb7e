/** The locks of a supervisor: whose session has what, and what it is told. `core/exchange/lock` decides. */
import { refused, type Refused } from '../../core/exchange/refusal.ts';
import {
  isForgettable,
  newLock,
  stepLock,
  type LockEvent,
  type LockMode,
  type LockRequest,
  type LockState,
} from '../../core/exchange/lock/lock.ts';
import type { ClientInfo } from '../../core/events.ts';
import type { Clock } from '../../ports/clock.ts';
import { createBurst, type Tell } from './tellers.ts';
import type { Holder } from './holder.ts';

export interface LockOrder {
  readonly name: string;
  /** Default: as many as it has, or 1. */
  readonly slots?: number | undefined;
  readonly mode?: LockMode | undefined;
  /** How long it may wait; 0: not at all. Undefined: as long as the session lasts. */
  readonly waitMs?: number | undefined;
  /** By which the session may cancel it. */
  readonly token?: number | undefined;
}

export interface LockGrant {
  /** By which it is released. */
  readonly grant: number;
  /** The session that had it ended without releasing it. */
  readonly abandoned: boolean;
}

export interface LockUser {
  readonly pid: number | null;
  readonly command: string | null;
  readonly mode: LockMode;
  /** ISO time: since when it holds it, or waits. */
  readonly since: string;
}

export interface LockRecord {
  readonly name: string;
  readonly slots: number;
  readonly abandoned: boolean;
  readonly holders: readonly LockUser[];
  readonly waiting: readonly LockUser[];
}

export interface Locks {
  /** Resolves when it is granted, or refused. */
  request(order: LockOrder, holder: Holder): Promise<LockGrant | Refused>;
  release(name: string, grant: number, holder: Holder): Refused | undefined;
  /** One that is granted or unknown is left alone. */
  cancel(token: number, holder: Holder): void;
  list(): readonly LockRecord[];
  close(): void;
}

interface Pending {
  readonly request: LockRequest;
  readonly name: string;
  readonly token: number | undefined;
  readonly client: ClientInfo | undefined;
  sinceMs: number;
  /** Undefined as soon as it is settled. */
  settle: ((outcome: LockGrant | Refused) => void) | undefined;
  stopTimer: () => void;
}

/** Of all sessions together, so that memory is bounded. */
const MOST_NAMES = 10_000;
const MOST_REQUESTS = 10_000;

export function createLocks(clock: Pick<Clock, 'wallNow' | 'after'>, tell: Tell = () => undefined): Locks {
  const locks = new Map<string, LockState>();
  const all = new Map<number, Pending>();
  const sessions = new Map<number, Set<number>>();
  let lastId = 0;
  const abandonments = createBurst(clock, tell, (names, count) => ({
    ...{ type: 'locks-abandoned', locks: names, count },
  }));

  const forget = (id: number): void => {
    const one = all.get(id);
    if (one === undefined) return;
    one.stopTimer();
    all.delete(id);
    sessions.get(one.request.session)?.delete(id);
  };

  const settle = (id: number, outcome: LockGrant | Refused): void => {
    const one = all.get(id);
    if (one?.settle === undefined) return;
    one.stopTimer();
    const tell = one.settle;
    one.settle = undefined;
    if ('refused' in outcome) forget(id);
    else one.sinceMs = clock.wallNow();
    tell(outcome);
  };

  const step = (name: string, event: LockEvent): void => {
    const before = locks.get(name);
    if (before === undefined) return;
    const { state, effects } = stepLock(before, event);
    if (isForgettable(state)) locks.delete(name);
    else locks.set(name, state);
    for (const effect of effects) {
      if (effect.type === 'busy') settle(effect.id, busy(name));
      else settle(effect.id, { grant: effect.id, abandoned: effect.wasAbandoned });
    }
  };

  const giveUp = (id: number, why: Refused): void => {
    const one = all.get(id);
    if (one?.settle === undefined) return;
    settle(id, why);
    step(one.name, { type: 'cancelled', id });
  };

  const sessionEnded = (session: number): void => {
    const own = [...(sessions.get(session) ?? [])].map((id) => all.get(id));
    sessions.delete(session);
    for (const one of own) if (one !== undefined) settle(one.request.id, ENDED);
    for (const one of own) if (one !== undefined) forget(one.request.id);
    for (const name of new Set(own.flatMap((one) => one?.name ?? []))) {
      const holder = locks.get(name)?.held.find((one) => one.session === session && one.mode === 'exclusive');
      step(name, { type: 'session-ended', session });
      if (holder === undefined) continue;
      const { pid, command } = own.find((one) => one?.request.id === holder.id)?.client ?? {};
      abandonments.happened(name, {
        ...({ type: 'lock-abandoned', lock: name } as const),
        ...{ ...(pid !== undefined && { pid }), ...(command !== undefined && { command }) },
      });
    }
  };

  /** That an old lock was abandoned is forgotten where there are too many. */
  const hasRoom = (): boolean => {
    if (locks.size < MOST_NAMES) return true;
    for (const [name, state] of locks) if (isIdle(state)) return locks.delete(name);
    return false;
  };

  const begin = (holder: Holder): Set<number> => {
    const known = sessions.get(holder.id);
    if (known !== undefined) return known;
    const own = new Set<number>();
    sessions.set(holder.id, own);
    holder.onEnd(() => sessionEnded(holder.id));
    return own;
  };

  return {
    request: (order, holder) =>
      new Promise((resolve) => {
        const { name, mode = 'exclusive', waitMs, token } = order;
        const before = locks.get(name);
        const slots = order.slots ?? before?.slots ?? 1;
        const problem = whyNot(order, slots, before);
        if (problem !== undefined) return resolve(problem);
        if (holder.hasEnded) return resolve(ENDED);
        if (all.size >= MOST_REQUESTS || (before === undefined && !hasRoom())) return resolve(TOO_MANY);
        const id = (lastId += 1);
        const request = { id, session: holder.id, mode, waits: waitMs !== 0 };
        const one: Pending = {
          ...{ request, name, token, client: holder.client, sinceMs: clock.wallNow(), settle: resolve },
          stopTimer: () => undefined,
        };
        all.set(id, one);
        begin(holder).add(id);
        // What an abandoned one has been told of stays as it was made.
        if (before === undefined || isIdle(before)) locks.set(name, { ...(before ?? newLock(slots)), slots });
        step(name, { type: 'requested', request });
        if (one.settle !== undefined && waitMs !== undefined)
          one.stopTimer = clock.after(waitMs, () => giveUp(id, timedOut(name)));
      }),

    release(name, grant, holder) {
      const one = all.get(grant);
      if (one?.request.session !== holder.id || one.name !== name || one.settle !== undefined)
        return refused(
          'lock-not-held',
          `this session does not hold lock '${name}' by grant ${String(grant)}`,
        );
      forget(grant);
      step(name, { type: 'released', id: grant });
      return undefined;
    },

    cancel(token, holder) {
      for (const id of sessions.get(holder.id) ?? [])
        if (all.get(id)?.token === token) giveUp(id, refused('lock-cancelled', 'the request was cancelled'));
    },

    list() {
      const user = ({ id, mode }: LockRequest): LockUser => {
        const { client, sinceMs = 0 } = all.get(id) ?? {};
        const since = new Date(sinceMs).toISOString();
        return { pid: client?.pid ?? null, command: client?.command ?? null, mode, since };
      };
      return [...locks].map(([name, { slots, isAbandoned, held, waiting }]) => ({
        ...{ name, slots, abandoned: isAbandoned },
        ...{ holders: held.map(user), waiting: waiting.map(user) },
      }));
    },

    close() {
      abandonments.close();
      for (const id of [...all.keys()]) {
        settle(id, ENDED);
        forget(id);
      }
      locks.clear();
    },
  };
}

const isIdle = ({ held, waiting }: LockState): boolean => held.length === 0 && waiting.length === 0;

function whyNot(
  { name, slots: asked, mode }: LockOrder,
  slots: number,
  before: LockState | undefined,
): Refused | undefined {
  if (mode === 'shared' && slots > 1)
    return refused(
      'lock-slots',
      `lock '${name}' has ${String(slots)} slots; only a lock of one can be shared`,
    );
  if (asked === undefined || before === undefined || isIdle(before) || before.slots === asked)
    return undefined;
  const message = `lock '${name}' is in use with ${slotsText(before.slots)}, not ${String(asked)}`;
  return refused('lock-slots', message, 'use the same number of slots everywhere');
}

const slotsText = (slots: number): string => `${String(slots)} slot${slots === 1 ? '' : 's'}`;

const ENDED = refused('session-ended', 'the session has ended');
const TOO_MANY = refused(
  'lock-too-many',
  `too many locks or requests (the limit is ${String(MOST_REQUESTS)})`,
);
const busy = (name: string): Refused =>
  refused('lock-busy', `lock '${name}' is held`, "see who holds it with 'procsup locks'");
const timedOut = (name: string): Refused => refused('lock-timeout', `timed out waiting for lock '${name}'`);
