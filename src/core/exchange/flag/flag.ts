/**
 * One flag with those that wait for it, changed in place. As an Event of Python: `set` lets all go that wait, also if it is
 * cleared at once.
 */
export interface Flag {
  readonly isSet: boolean;
  readonly waiting: ReadonlySet<number>;
  /** Returns those that may go. */
  set(): readonly number[];
  clear(): void;
  /** True: it is set, so there is nothing to wait for. */
  wait(id: number): boolean;
  /** It does not wait any longer. */
  leave(id: number): void;
}

export function createFlag(): Flag {
  let isSet = false;
  const waiting = new Set<number>();
  return {
    get isSet() {
      return isSet;
    },
    waiting,
    set() {
      isSet = true;
      const all = [...waiting];
      waiting.clear();
      return all;
    },
    clear: () => void (isSet = false),
    wait(id) {
      if (!isSet) waiting.add(id);
      return isSet;
    },
    leave: (id) => void waiting.delete(id),
  };
}

/** Nothing would be lost with it: a flag is clear at first. */
export const isForgettable = ({ isSet, waiting }: Flag): boolean => !isSet && waiting.size === 0;
