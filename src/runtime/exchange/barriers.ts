/** The barriers of a supervisor. A barrier is forgotten when nothing waits at it. */
import { createBarrier, type Barrier } from '../../core/exchange/barrier/barrier.ts';
import { refused, type Refused } from '../../core/exchange/refusal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Holder } from './holder.ts';
import {
  createWaits,
  leftBecause,
  MOST_WAITING,
  SUPERVISOR_ENDS,
  tooMany,
  type Asking,
  type LeaveReason,
  type Waiter,
} from './waits.ts';

export interface BarrierRecord {
  readonly name: string;
  readonly parties: number;
  readonly waiting: readonly Waiter[];
}

export interface Passed {
  /** Of its arrival: 0 was the first. */
  readonly index: number;
}

export interface Barriers {
  wait(name: string, parties: number, asking: Asking): Promise<Passed | Refused>;
  list(): readonly BarrierRecord[];
  cancel(token: number, holder: Holder): void;
  close(): void;
}

export function createBarriers(clock: Pick<Clock, 'wallNow' | 'after'>): Barriers {
  const barriers = new Map<string, Barrier>();
  const waits = createWaits<Passed | Refused>(clock);

  const open = (name: string): Barrier => {
    const known = barriers.get(name);
    if (known !== undefined) return known;
    const made = createBarrier();
    barriers.set(name, made);
    return made;
  };

  const forget = (name: string): void => {
    if (barriers.get(name)?.waiting.length === 0) barriers.delete(name);
  };

  const leave = (name: string, id: number, why: LeaveReason): Refused => {
    const left = waits.waiter(id);
    for (const other of barriers.get(name)?.leave(id) ?? []) waits.settle(other, broken(name, left, why));
    forget(name);
    return leftBecause('barrier', name, why);
  };

  return {
    wait(name, parties, asking) {
      // It has as many barriers as requests, at most.
      if (waits.count >= MOST_WAITING)
        return Promise.resolve(tooMany('barrier', 'requests waiting at barriers', MOST_WAITING));
      return waits.ask(
        asking,
        (id) => {
          const barrier = open(name);
          const outcome = barrier.arrive(id, parties);
          if (outcome.type === 'complete')
            for (const [index, party] of outcome.parties.entries()) waits.settle(party, { index });
          if (outcome.type === 'other-parties')
            waits.settle(id, otherParties(name, outcome.parties, parties));
          forget(name);
        },
        (id, why) => leave(name, id, why),
      );
    },

    list: () =>
      [...barriers].map(([name, { parties, waiting }]) => ({
        ...{ name, parties },
        waiting: waiting.map((id) => waits.waiter(id)),
      })),
    cancel: (token, holder) => waits.cancel(token, holder),
    close: () => waits.close(SUPERVISOR_ENDS),
  };
}

const DEED: Readonly<Record<LeaveReason, string>> = {
  timeout: 'timed out',
  cancelled: 'gave up',
  ended: 'ended while it was waiting',
};

function broken(name: string, { pid, command }: Waiter, why: LeaveReason): Refused {
  const party = [command ?? 'a party', ...(pid === null ? [] : [`(pid ${String(pid)})`])].join(' ');
  return refused('barrier-broken', `barrier '${name}' is broken: ${party} ${DEED[why]}`);
}

function otherParties(name: string, parties: number, wanted: number): Refused {
  const message = `barrier '${name}' is for ${String(parties)} parties, not ${String(wanted)}`;
  return refused('barrier-parties', message, 'use the same number everywhere');
}
