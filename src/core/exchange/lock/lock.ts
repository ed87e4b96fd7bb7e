/**
 * One lock, or a semaphore of several slots, as a machine. A request waits in a queue; what is granted belongs to the session
 * that asked, until it is released or the session ends.
 *
 * * Fair: requests are granted in their order. One that does not fit makes all later ones wait, so that readers cannot keep
 *   a writer out for ever.
 * * A session that ends with an exclusive grant leaves the lock `abandoned`, for what it guards may be half done. The next
 *   grant says so, once.
 * * A session that is stopped (SIGSTOP) keeps what it has: nobody can know when it goes on.
 */

export type LockMode = 'exclusive' | 'shared';

export interface LockRequest {
  /** Unique among all requests. */
  readonly id: number;
  readonly session: number;
  readonly mode: LockMode;
  /** False: it is refused where it would have to wait. */
  readonly waits: boolean;
}

export interface LockState {
  /** So many exclusive grants at a time. Shared ones are all together in one lock of one slot. */
  readonly slots: number;
  /** In the order of their grants. */
  readonly held: readonly LockRequest[];
  readonly waiting: readonly LockRequest[];
  readonly isAbandoned: boolean;
}

export type LockEvent =
  | { readonly type: 'requested'; readonly request: LockRequest }
  | { readonly type: 'released'; readonly id: number }
  /** It does not wait any longer. Without effect on what is granted. */
  | { readonly type: 'cancelled'; readonly id: number }
  | { readonly type: 'session-ended'; readonly session: number };

export type LockEffect =
  | { readonly type: 'granted'; readonly id: number; readonly wasAbandoned: boolean }
  | { readonly type: 'busy'; readonly id: number };

export interface LockStep {
  readonly state: LockState;
  readonly effects: readonly LockEffect[];
}

export const newLock = (slots: number): LockState => ({ slots, held: [], waiting: [], isAbandoned: false });

/** Nothing would be lost with it. */
export const isForgettable = ({ held, waiting, isAbandoned }: LockState): boolean =>
  held.length === 0 && waiting.length === 0 && !isAbandoned;

export function stepLock(state: LockState, event: LockEvent): LockStep {
  switch (event.type) {
    case 'requested': {
      const { request } = event;
      const mayBegin = state.waiting.length === 0 && fits(state, request);
      if (!mayBegin && !request.waits) return { state, effects: [{ type: 'busy', id: request.id }] };
      return grant({ ...state, waiting: [...state.waiting, request] });
    }
    case 'released':
      return grant({ ...state, held: state.held.filter(({ id }) => id !== event.id) });
    case 'cancelled':
      return grant({ ...state, waiting: state.waiting.filter(({ id }) => id !== event.id) });
    case 'session-ended':
      return grant(withoutSession(state, event.session));
  }
}

function withoutSession(state: LockState, ended: number): LockState {
  const isLeft = ({ session }: LockRequest): boolean => session !== ended;
  const isDirty = state.held.some((one) => !isLeft(one) && one.mode === 'exclusive');
  return {
    ...state,
    held: state.held.filter(isLeft),
    waiting: state.waiting.filter(isLeft),
    isAbandoned: state.isAbandoned || isDirty,
  };
}

/** Grants what fits, in order. */
function grant(state: LockState): LockStep {
  const effects: LockEffect[] = [];
  for (;;) {
    const [next, ...waiting] = state.waiting;
    if (next === undefined || !fits(state, next)) return { state, effects };
    effects.push({ type: 'granted', id: next.id, wasAbandoned: state.isAbandoned });
    state = { ...state, held: [...state.held, next], waiting, isAbandoned: false };
  }
}

function fits({ slots, held }: LockState, { mode }: LockRequest): boolean {
  if (mode === 'shared') return held.every((one) => one.mode === 'shared');
  return held.length < slots;
}
