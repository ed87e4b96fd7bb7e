/** A reader of our output that takes, stops taking, and leaves when the test says so. */
import type { Sink, SinkEvents } from '../../src/ports/output.ts';

export interface FakeSink extends Sink {
  /** All bytes taken so far, as UTF-8. */
  readonly text: string;
  readonly bytes: Buffer;
  readonly keptBytes: number;
  readonly writeCount: number;
  /** From now on nothing is taken. */
  block(): void;
  /** Takes what was kept, and everything from now on. */
  unblock(): void;
  /** Takes what was kept, and then one write at a time: what is written next is kept again. */
  takeKept(): void;
  /** The reader closes its end, or a write fails for good. */
  leave(errno?: string): void;
  fillDisk(): void;
}

export function createFakeSink({ isTerminal = false } = {}): FakeSink {
  let events: SinkEvents | undefined;
  let taken: Uint8Array[] = [];
  let kept: Uint8Array | undefined;
  let isBlocked = false;
  let isGone = false;
  let writeCount = 0;

  const takeKept = (): void => {
    if (kept === undefined) return;
    taken.push(kept);
    kept = undefined;
    events?.drain();
  };

  return {
    isTerminal,
    get bytes() {
      taken = [Buffer.concat(taken)];
      return taken[0] as Buffer;
    },
    get text() {
      return this.bytes.toString();
    },
    get keptBytes() {
      return kept?.length ?? 0;
    },
    get writeCount() {
      return writeCount;
    },
    listen: (listener) => void (events = listener),
    write(bytes) {
      if (kept !== undefined) throw new Error('written before drain');
      writeCount += 1;
      if (isGone) return true;
      if (isBlocked) kept = Buffer.from(bytes);
      else taken.push(Buffer.from(bytes));
      return !isBlocked;
    },
    block: () => void (isBlocked = true),
    unblock() {
      isBlocked = false;
      takeKept();
    },
    takeKept,
    leave(errno) {
      isGone = true;
      kept = undefined;
      events?.gone(errno);
    },
    fillDisk: () => events?.stuck('ENOSPC'),
    close() {
      const droppedBytes = kept?.length ?? 0;
      kept = undefined;
      return droppedBytes;
    },
  };
}
