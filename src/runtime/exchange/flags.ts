/** The flags of a supervisor. A flag that is clear and that nothing waits for is forgotten. */
import type { Refused } from '../../core/exchange/refusal.ts';
import { createFlag, isForgettable, type Flag } from '../../core/exchange/flag/flag.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Holder } from './holder.ts';
import {
  createWaits,
  leftBecause,
  MOST_NAMES,
  MOST_WAITING,
  SUPERVISOR_ENDS,
  tooMany,
  type Asking,
  type Waiter,
} from './waits.ts';

export interface FlagRecord {
  readonly name: string;
  readonly set: boolean;
  readonly waiting: readonly Waiter[];
}

export interface Flags {
  set(name: string): Refused | undefined;
  clear(name: string): void;
  isSet(name: string): boolean;
  /** Resolves with undefined when it is set. */
  wait(name: string, asking: Asking): Promise<Refused | undefined>;
  list(): readonly FlagRecord[];
  cancel(token: number, holder: Holder): void;
  close(): void;
}

export function createFlags(clock: Pick<Clock, 'wallNow' | 'after'>): Flags {
  const flags = new Map<string, Flag>();
  const waits = createWaits<Refused | undefined>(clock);

  const open = (name: string): Flag | undefined => {
    const known = flags.get(name);
    if (known !== undefined || flags.size >= MOST_NAMES) return known;
    const made = createFlag();
    flags.set(name, made);
    return made;
  };

  const forget = (name: string): void => {
    const flag = flags.get(name);
    if (flag !== undefined && isForgettable(flag)) flags.delete(name);
  };

  return {
    set(name) {
      const flag = open(name);
      if (flag === undefined) return TOO_MANY;
      for (const id of flag.set()) waits.settle(id, undefined);
      return undefined;
    },

    clear(name) {
      flags.get(name)?.clear();
      forget(name);
    },

    isSet: (name) => flags.get(name)?.isSet ?? false,

    wait(name, asking) {
      const flag = open(name);
      if (flag === undefined) return Promise.resolve(TOO_MANY);
      if (waits.count >= MOST_WAITING)
        return Promise.resolve(tooMany('flag', 'requests waiting for flags', MOST_WAITING));
      return waits.ask(
        asking,
        (id) => {
          if (flag.wait(id)) waits.settle(id, undefined);
        },
        (id, why) => {
          flag.leave(id);
          forget(name);
          return leftBecause('flag', name, why);
        },
      );
    },

    list: () =>
      [...flags].map(([name, { isSet, waiting }]) => ({
        ...{ name, set: isSet },
        waiting: [...waiting].map((id) => waits.waiter(id)),
      })),
    cancel: (token, holder) => waits.cancel(token, holder),
    close: () => waits.close(SUPERVISOR_ENDS),
  };
}

const TOO_MANY = tooMany('flag', 'flags', MOST_NAMES);
