/**
 * Descriptors that are kept for the supervisor's own work. Children's pipes, log files and clients may use up all that the
 * system gives us; the supervisor must be able to look into /proc all the same when a child ends, or it could not tell
 * whether anything of it lives.
 */
import { closeSync, openSync } from 'node:fs';

export interface DescriptorReserve {
  /**
   * Does `work`. If that lacked a descriptor (`missed` gives the errno, or null), it is done once more with the reserve
   * given up meanwhile. `work` is synchronous and leaves nothing open.
   */
  use<T>(work: () => T, missed: (result: T) => string | null): T;
  /** Whether so many could be opened now, beside the reserve. */
  hasRoomFor(count: number): boolean;
  close(): void;
}

/** A listing and a file that is read meanwhile are two; threads of Node may take one away just then. */
const SIZE = 4;

export function createDescriptorReserve(): DescriptorReserve {
  const kept: number[] = [];
  let isClosed = false;

  const refill = (): void => {
    if (!isClosed) kept.push(...opened(SIZE - kept.length));
  };
  const giveUp = (): void => kept.splice(0).forEach((fd) => closeSync(fd));

  refill();
  return {
    use(work, missed) {
      const result = work();
      if (!isExhaustion(missed(result))) return result;
      giveUp();
      try {
        return work();
      } finally {
        refill();
      }
    },
    hasRoomFor(count) {
      refill();
      const trial = opened(count);
      for (const fd of trial) closeSync(fd);
      return kept.length === SIZE && trial.length === count;
    },
    close() {
      isClosed = true;
      giveUp();
    },
  };
}

/** For a process that has nothing to lose: it does without. */
export const noReserve: DescriptorReserve = {
  use: (work) => work(),
  hasRoomFor: () => true,
  close: () => undefined,
};

/** As many as there are, up to `count`. */
function opened(count: number): readonly number[] {
  const fds: number[] = [];
  try {
    while (fds.length < count) fds.push(openSync('/dev/null', 'r'));
  } catch {
    // No more are to be had.
  }
  return fds;
}

const isExhaustion = (code: string | null): boolean => code === 'EMFILE' || code === 'ENFILE';
