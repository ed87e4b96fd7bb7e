/**
 * A faster way to start children, loaded where many are to be started: it takes as long as some ten starts by Node, and 2.5 MB.
 * Where koffi is missing, Node starts them all.
 */
import type { Children } from '../../os/process/program.ts';

export interface LazyChildren {
  /** So many are about to be started. */
  expect(count: number): Promise<void>;
  /** Undefined: by Node. */
  readonly current: Children | undefined;
}

const MANY = 30;

export function createLazyChildren(): LazyChildren {
  let current: Children | undefined;
  return {
    async expect(count) {
      if (count < MANY) return;
      try {
        current = await (await import('../../os/process/children.ts')).loadChildren();
      } catch {
        return; // No descriptor is free for what has to be read.
      }
    },
    get current() {
      return current;
    },
  };
}
