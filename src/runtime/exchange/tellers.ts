/** What is told of the exchange: not each of many things that happen at once, and not each change of a disk that is nearly full. */
import type { ExchangeEvent } from '../../core/events.ts';
import type { Clock } from '../../ports/clock.ts';

export type Tell = (event: ExchangeEvent) => void;

/** So many are told one by one within the time; what comes after them is told as a number at its end. */
const MOST_AT_ONCE = 10;
const WINDOW_MS = 10_000;
/** Names beside that number. */
const MOST_NAMES = 20;

export interface Burst {
  /** `name`: of the queue or lock. */
  happened(name: string, event: ExchangeEvent): void;
  /** What is counted by now is not told: nobody would hear it at the end. */
  close(): void;
}

export function createBurst(
  clock: Pick<Clock, 'after'>,
  tell: Tell,
  counted: (names: readonly string[], count: number) => ExchangeEvent,
): Burst {
  let told = 0;
  let count = 0;
  let names = new Set<string>();
  let cancel: (() => void) | undefined;

  const end = (): void => {
    cancel = undefined;
    const [all, more] = [[...names], count];
    [told, count, names] = [0, 0, new Set()];
    if (more > 0) tell(counted(all, more));
  };

  return {
    happened(name, event) {
      cancel ??= clock.after(WINDOW_MS, end);
      if (told < MOST_AT_ONCE) {
        told += 1;
        tell(event);
        return;
      }
      count += 1;
      if (names.size < MOST_NAMES) names.add(name);
    },
    close: () => cancel?.(),
  };
}

/** It is taken to have recovered when nothing was refused for so long. */
const QUIET_MS = 5000;

export interface StoreTeller {
  /** After each write: why it was refused; undefined: it was not. */
  wrote(problem: Error | undefined): void;
  close(): void;
}

export function createStoreTeller(clock: Pick<Clock, 'after'>, tell: Tell): StoreTeller {
  let isTold = false;
  let cancel: (() => void) | undefined;
  const stop = (): void => {
    cancel?.();
    cancel = undefined;
  };
  return {
    wrote(problem) {
      if (problem !== undefined) {
        stop();
        if (!isTold) tell({ type: 'store-full', reason: problem.message });
        isTold = true;
      } else if (isTold) {
        cancel ??= clock.after(QUIET_MS, () => {
          cancel = undefined;
          isTold = false;
          tell({ type: 'store-recovered' });
        });
      }
    },
    close: stop,
  };
}
