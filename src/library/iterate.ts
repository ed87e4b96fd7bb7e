/**
 * An async iterator that draws from a source at its reader's speed. Nothing is kept for a reader that is slow but the
 * batch it is at; what has been lost to it meanwhile is the source's to tell. It ends when the reader leaves (`break`,
 * `return`), even in the middle of a wait, or when it is over and everything has been taken.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';

export interface Source<T> {
  /** What there is by now, or nothing yet. */
  take(): readonly T[];
  close(): void;
}

/** The end of everything that a source may tell. */
export interface Over {
  readonly isOver: boolean;
  /** Calls back once it is over, unless the returned function is called before. */
  listen(listener: () => void): () => void;
}

export interface IterateOptions<T> {
  /** What there was before. */
  readonly past?: AsyncIterator<readonly T[]> | undefined;
  /** What comes; `wake` is to be called when there may be something to take. Undefined: nothing does. */
  readonly source: ((wake: () => void) => Source<T>) | undefined;
  readonly over: Over;
}

const DONE = { done: true, value: undefined } as const;

export function iterate<T>({ past, source: open, over }: IterateOptions<T>): AsyncIterableIterator<T> {
  let isRung = false;
  let wake = (): void => undefined;
  const ring = (): void => {
    isRung = true;
    wake();
  };
  /** `isRung` is set by others while we wait. */
  const hasRung = (): boolean => isRung;
  const source = open?.(ring);
  const stopListening = over.listen(ring);
  // Begun in this turn, so that it ends where the source begins.
  let first = past?.next();
  first?.catch(() => undefined);
  let before = past;
  let batch: readonly T[] = [];
  let at = 0;
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    batch = [];
    stopListening();
    source?.close();
    void before?.return?.();
    ring();
  };

  const takePast = async (from: AsyncIterator<readonly T[]>): Promise<void> => {
    const found = await (first ?? from.next());
    first = undefined;
    if (found.done === true) before = undefined;
    else batch = found.value;
  };

  const rung = async (): Promise<void> => {
    if (!isRung) await new Promise<void>((resolve) => (wake = resolve));
  };

  /** The next batch; false when there will be none. */
  const refill = async (): Promise<boolean> => {
    batch = [];
    at = 0;
    while (before !== undefined && batch.length === 0 && !isClosed) await takePast(before);
    while (batch.length === 0 && !isClosed) {
      if (source === undefined) return false;
      const wasOver = over.isOver;
      isRung = false;
      batch = source.take();
      if (batch.length > 0) return true;
      // A source that has more than it looked at in one go rings by a timer, which ours comes after.
      if (wasOver) await setTimeout(0);
      if (wasOver && !hasRung()) return false;
      await rung();
    }
    return !isClosed;
  };

  const pull = async (): Promise<IteratorResult<T, undefined>> => {
    while (at >= batch.length) {
      // Else a reader that is always served would let nothing else happen.
      await setImmediate();
      if (isClosed || !(await refill())) {
        close();
        return DONE;
      }
    }
    const value = batch[at] as T;
    at += 1;
    return { done: false, value };
  };

  return {
    next() {
      const pulled = turn.then(pull);
      turn = pulled.catch(() => undefined);
      return pulled;
    },
    return() {
      close();
      return Promise.resolve(DONE);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
