/**
 * Writes what comes in one turn of the event loop in one commit: ten thousand commits of one message take fifty times as
 * long as a hundred of a hundred.
 */
import { StoreFull, type MessageStore, type StoreChange } from '../../../ports/message-store.ts';

export interface Unit {
  readonly changes: readonly StoreChange[];
  /** It goes on when the disk is full: with it work ends, and makes room. */
  readonly isUrgent: boolean;
  readonly settle: (isDone: boolean) => void;
}

export interface GroupCommit {
  add(unit: Unit): void;
  /** Why the last write was refused; undefined: it was not. */
  readonly problem: Error | undefined;
}

/** `later`: calls back at the end of the turn. `wrote`: after each write, with the problem. */
export function createGroupCommit(
  store: MessageStore,
  later: (flush: () => void) => void,
  wrote: (problem: Error | undefined) => void = () => undefined,
): GroupCommit {
  let pending: Unit[] = [];
  let problem: Error | undefined;

  const write = (units: readonly Unit[]): boolean => {
    try {
      const [first] = units;
      const changes = units.length === 1 && first ? first.changes : units.flatMap((unit) => unit.changes);
      if (changes.length > 0) store.write(changes);
      return true;
    } catch (error) {
      problem = error as Error;
      return false;
    }
  };

  const flush = (): void => {
    const units = pending;
    pending = [];
    const isTaking = store.hasRoom();
    if (isTaking) problem = undefined;
    const first = isTaking ? units : units.filter(({ isUrgent }) => isUrgent);
    let done: readonly Unit[] = write(first) ? first : [];
    if (done.length === 0 && problem instanceof StoreFull && store.makeRoom()) {
      const urgent = units.filter(({ isUrgent }) => isUrgent);
      done = write(urgent) ? urgent : [];
    }
    if (!isTaking) problem ??= new StoreFull('no room on the disk');
    wrote(problem);
    const isDone = new Set(done);
    for (const unit of units) unit.settle(isDone.has(unit));
  };

  return {
    add(unit) {
      if (pending.push(unit) === 1) later(flush);
    },
    get problem() {
      return problem;
    },
  };
}
