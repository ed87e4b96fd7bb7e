/**
 * One barrier, changed in place. As a Barrier of Python: so many parties wait for each other, then all go.
 *
 * * A party has the index of its arrival: 0 is the first.
 * * One that leaves before all have come breaks the barrier for those that wait: they will never be complete.
 * * Whoever arrives after all have gone, or after it was broken, is the first party of the next generation.
 * * The first party decides how many there are; one that wants another number is refused.
 */
export type Arrival =
  | { readonly type: 'waits' }
  /** They all go, each with its index. */
  | { readonly type: 'complete'; readonly parties: readonly number[] }
  | { readonly type: 'other-parties'; readonly parties: number };

export interface Barrier {
  readonly parties: number;
  /** In the order of their arrival. */
  readonly waiting: readonly number[];
  arrive(id: number, parties: number): Arrival;
  /** Returns those for whom it is broken by that. */
  leave(id: number): readonly number[];
}

export function createBarrier(): Barrier {
  let parties = 0;
  let waiting: number[] = [];
  const takeAll = (): readonly number[] => {
    const all = waiting;
    waiting = [];
    return all;
  };
  return {
    get parties() {
      return parties;
    },
    get waiting() {
      return waiting;
    },
    arrive(id, wanted) {
      if (waiting.length > 0 && wanted !== parties) return { type: 'other-parties', parties };
      parties = wanted;
      waiting.push(id);
      return waiting.length < parties ? { type: 'waits' } : { type: 'complete', parties: takeAll() };
    },
    leave(id) {
      return waiting.includes(id) ? takeAll().filter((one) => one !== id) : [];
    },
  };
}
