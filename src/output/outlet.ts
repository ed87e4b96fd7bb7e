/**
 * The output of the hub. Blocks that the sink does not take at once are kept here in order: one block for each source
 * that is read while the sink is busy. So every source gets its turn, and a line waits for at most one block of each.
 */
import type { Sink } from '../ports/output.ts';

export interface OutletEvents {
  /** The sink did not take everything. Sources that are read from now on must wait for `freed`. */
  blocked(): void;
  /** The buffer is full: no source may be read until `freed`. */
  full(): void;
  /** Everything has been taken. */
  freed(): void;
  gone(): void;
  stuck(reason: string): void;
}

export interface Outlet {
  readonly isBlocked: boolean;
  /** Everything emitted is dropped, and so nothing blocks any more. */
  readonly isDiscarding: boolean;
  /** Writes the block, or keeps a copy while the sink is blocked. */
  emit(block: Uint8Array): void;
  discard(): void;
  /** Returns the number of bytes that were never taken. */
  close(): number;
}

const FULL_BYTES = 1024 * 1024;
/** A full read with usual prefixes fits. */
const KEPT_BUFFER_BYTES = 96 * 1024;
/** As many as fill it, and some that were on their way when it was full. */
const MOST_SPARE = Math.ceil(FULL_BYTES / KEPT_BUFFER_BYTES) + 5;

export function createOutlet(sink: Sink, events: OutletEvents): Outlet {
  let isBlocked = false;
  let isFull = false;
  let isDiscarding = false;
  let kept: Uint8Array<ArrayBuffer>[] = [];
  let keptBytes = 0;
  let droppedBytes = 0;
  /** Buffers of blocks that were taken, for blocks to come. */
  const spare: ArrayBuffer[] = [];

  const keep = (block: Uint8Array): void => {
    const fits = block.length <= KEPT_BUFFER_BYTES;
    const buffer = (fits && spare.pop()) || new ArrayBuffer(Math.max(block.length, KEPT_BUFFER_BYTES));
    const copy = new Uint8Array(buffer, 0, block.length);
    copy.set(block);
    kept.push(copy);
    keptBytes += block.length;
    if (isFull || keptBytes < FULL_BYTES) return;
    isFull = true;
    events.full();
  };

  /** Writes the oldest of the kept blocks; false if the sink did not take all of it. */
  const writeKept = (block: Uint8Array<ArrayBuffer>): boolean => {
    keptBytes -= block.length;
    const taken = sink.write(block);
    if (block.buffer.byteLength === KEPT_BUFFER_BYTES && spare.length < MOST_SPARE) spare.push(block.buffer);
    return taken;
  };

  const drop = (): void => {
    droppedBytes += keptBytes;
    kept = [];
    keptBytes = 0;
  };

  const free = (): void => {
    isBlocked = false;
    isFull = false;
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
      for (let next = kept.shift(); next !== undefined; next = kept.shift()) if (!writeKept(next)) return;
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
      if (isBlocked) {
        keep(block);
      } else if (!sink.write(block)) {
        isBlocked = true;
        events.blocked();
      }
    },
    discard,
    close() {
      isDiscarding = true;
      drop();
      return droppedBytes + sink.close();
    },
  };
}
