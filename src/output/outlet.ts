/** The hub's one way out: what the sink does not take at once is kept here, in order, and nobody may read on meanwhile. */
import type { Sink } from '../ports.ts';

export interface OutletEvents {
  /** The sink took not all: whoever produces blocks has to stop. */
  blocked(): void;
  /** Everything has been taken. */
  freed(): void;
  gone(): void;
  stuck(reason: string): void;
}

export interface Outlet {
  readonly isBlocked: boolean;
  /** Everything emitted is dropped, and so nothing blocks any more. */
  readonly isDiscarding: boolean;
  /** Writes the block, or keeps a copy while the sink is blocked: a piece of work once begun may emit several. */
  emit(block: Uint8Array): void;
  discard(): void;
  /** Returns the number of bytes that were never taken. */
  close(): number;
}

export function createOutlet(sink: Sink, events: OutletEvents): Outlet {
  let isBlocked = false;
  let isDiscarding = false;
  let kept: Uint8Array[] = [];
  let droppedBytes = 0;

  const write = (block: Uint8Array): void => {
    if (sink.write(block) || isBlocked) return;
    isBlocked = true;
    events.blocked();
  };

  const drop = (): void => {
    for (const block of kept) droppedBytes += block.length;
    kept = [];
  };

  const free = (): void => {
    isBlocked = false;
    events.freed();
  };

  const discard = (): void => {
    if (isDiscarding) return;
    isDiscarding = true;
    drop();
    if (isBlocked) free();
  };

  sink.listen({
    drain() {
      if (isDiscarding || !isBlocked) return;
      for (let next = kept.shift(); next !== undefined; next = kept.shift()) if (!sink.write(next)) return;
      free();
    },
    gone() {
      discard();
      events.gone();
    },
    stuck: (reason) => events.stuck(reason),
  });

  return {
    get isBlocked() {
      return isBlocked;
    },
    get isDiscarding() {
      return isDiscarding;
    },
    emit(block) {
      if (isDiscarding) return;
      // A copy; `slice` of a Buffer would be none.
      if (isBlocked) kept.push(Buffer.from(block));
      else write(block);
    },
    discard,
    close() {
      isDiscarding = true;
      drop();
      return droppedBytes + sink.close();
    },
  };
}
