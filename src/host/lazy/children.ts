/**
 * A faster way to start children, loaded where many are to be started, or after the first restart: it takes as long as some ten
 * starts by Node, and 2.5 MB. Where koffi is missing, Node starts them all.
 */
import { systemClock } from '../../os/clock.ts';
import type { Children } from '../../os/process/program.ts';
import type { Clock } from '../../ports/clock.ts';

export interface LazyChildren {
  /** So many are about to be started. Without this call Node starts them all. */
  expect(count: number): Promise<void>;
  /** For the next one. Undefined: by Node. */
  next(): Children | undefined;
}

const MANY = 30;
/** Who asked for the restart has the answer by then. */
const LATER_MS = 100;

export function createLazyChildren(
  clock: Pick<Clock, 'after'> = systemClock,
  load = loadChunk,
): LazyChildren {
  let current: Children | undefined;
  /** Beyond those that are expected each is a restart, and few that restart do so once. */
  let expected = Infinity;
  return {
    async expect(count) {
      if (count < MANY) expected = count;
      else current = await load();
    },
    next() {
      expected -= 1;
      if (expected < 0) {
        expected = Infinity;
        clock.after(LATER_MS, () => void load().then((loaded) => (current = loaded)));
      }
      return current;
    },
  };
}

async function loadChunk(): Promise<Children | undefined> {
  try {
    return await (await import('../../os/process/children.ts')).loadChildren();
  } catch {
    return undefined; // No descriptor is free for what has to be read.
  }
}
