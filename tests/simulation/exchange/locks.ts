/** Random stories of one lock, and what must hold in each of them, kept by a book of its own. */
import type {
  newLock,
  stepLock,
  LockMode,
  LockRequest,
  LockState,
} from '../../../src/core/exchange/lock/lock.ts';
import { seeded } from '../random.ts';

export interface LockCore {
  readonly newLock: typeof newLock;
  readonly stepLock: typeof stepLock;
}

interface Known extends LockRequest {
  is: 'waiting' | 'held' | 'over';
}

export function liveLock(seed: number, { newLock, stepLock }: LockCore) {
  const random = seeded(seed);
  const slots = random.pick([1, 1, 2, 3]);
  const violations: string[] = [];
  const counts = { grants: 0, busy: 0, abandoned: 0, together: 0 };
  const all: Known[] = [];
  const settled = new Set<number>();
  let state: LockState = newLock(slots);
  let owesAbandoned = false;
  let sessions = 3;
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) violations.push(what);
  };
  const of = (is: Known['is']) => all.filter((one) => one.is === is);

  const step = (event: Parameters<typeof stepLock>[1]): void => {
    const { state: next, effects } = stepLock(state, event);
    state = next;
    for (const effect of effects) {
      const one = all.find(({ id }) => id === effect.id);
      if (one === undefined || one.is !== 'waiting') {
        violations.push(`told ${effect.type} without waiting`);
        continue;
      }
      must(!settled.has(one.id), 'a request is settled twice');
      settled.add(one.id);
      if (effect.type === 'busy') {
        counts.busy += 1;
        must(!one.waits, 'what may wait is refused');
        must(of('held').length > 0 || of('waiting').length > 1, 'a free lock is busy');
        one.is = 'over';
        continue;
      }
      counts.grants += 1;
      must(of('waiting')[0]?.id === one.id, 'a later request overtakes');
      must(effect.wasAbandoned === owesAbandoned, 'abandoned is not told to the next, once');
      if (effect.wasAbandoned) counts.abandoned += 1;
      owesAbandoned = false;
      one.is = 'held';
      check();
    }
    check();
    must(
      of('waiting').every(({ waits }) => waits),
      'what may not wait does',
    );
    const [first] = of('waiting');
    must(first === undefined || !canHold(first.mode), 'the first waits without a reason');
    must(
      state.held.length === of('held').length && state.waiting.length === of('waiting').length,
      'the state has others than were told',
    );
  };

  const canHold = (mode: LockMode): boolean => {
    const held = of('held');
    if (mode === 'shared') return held.every((one) => one.mode === 'shared');
    return held.length < slots && !held.some((one) => one.mode === 'shared');
  };

  const check = (): void => {
    const held = of('held');
    const exclusive = held.filter(({ mode }) => mode === 'exclusive').length;
    must(exclusive <= slots, 'more are granted than there are slots');
    must(exclusive === 0 || exclusive === held.length, 'exclusive and shared at a time');
    if (held.length > exclusive + 1) counts.together += 1;
  };

  for (let at = 1; at <= 60; at += 1) {
    const act = random.between(1, 10);
    const session = random.between(sessions - 2, sessions);
    if (act <= 5) {
      const mode = slots === 1 && random.chance(0.5) ? 'shared' : 'exclusive';
      const request: Known = { id: at, session, mode, waits: random.chance(0.8), is: 'waiting' };
      all.push(request);
      step({ type: 'requested', request });
    } else if (act <= 7) {
      const [first, ...others] = of('held');
      if (first === undefined) continue;
      const one = random.pick([first, ...others]);
      one.is = 'over';
      step({ type: 'released', id: one.id });
    } else if (act === 8) {
      const [first, ...others] = of('waiting');
      if (first === undefined) continue;
      const one = random.pick([first, ...others]);
      one.is = 'over';
      step({ type: 'cancelled', id: one.id });
    } else if (act === 9) {
      // Too late: it is granted.
      const [held] = of('held');
      if (held !== undefined) step({ type: 'cancelled', id: held.id });
    } else {
      const own = all.filter((one) => one.session === session && one.is !== 'over');
      owesAbandoned ||= own.some((one) => one.is === 'held' && one.mode === 'exclusive');
      for (const one of own) one.is = 'over';
      step({ type: 'session-ended', session });
      sessions += 1;
    }
  }
  return { violations, counts };
}
