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
  /** As `hasRoomFor`; where there is not enough, what can be done without is given up first. */
  makeRoomFor(count: number): boolean;
  /** `close` closes at once what can be done without. */
  onShortage(close: () => void): void;
  close(): void;
}

/** What must be free beside the reserve, from what can best be done without to what cannot. */
export const ROOM = {
  /** For one more stream to a client: it may stay for days. */
  stream: 12,
  /** For a process to be started: up to seven meanwhile, and what `question` needs afterwards. */
  launch: 10,
  /** For a short question of a client: one that is let in late can still be told why it is refused. */
  question: 4,
} as const;

/** A listing and a file that is read meanwhile are two; threads of Node may take one away just then. */
export const RESERVED = 4;

export function createDescriptorReserve(): DescriptorReserve {
  const kept: number[] = [];
  const dispensable: (() => void)[] = [];
  let isClosed = false;

  const refill = (): void => {
    if (!isClosed) kept.push(...opened(RESERVED - kept.length));
  };
  const giveUp = (): void => kept.splice(0).forEach((fd) => closeSync(fd));

  const hasRoomFor = (count: number): boolean => {
    refill();
    const trial = opened(count);
    for (const fd of trial) closeSync(fd);
    return kept.length === RESERVED && trial.length === count;
  };

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
    hasRoomFor,
    makeRoomFor(count) {
      if (hasRoomFor(count)) return true;
      for (const close of dispensable) close();
      return hasRoomFor(count);
    },
    onShortage: (close) => void dispensable.push(close),
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
  makeRoomFor: () => true,
  onShortage: () => undefined,
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
