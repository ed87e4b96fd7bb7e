/** Where the output that we read goes: into memory, or on into a stream. */
import type { Writable } from 'node:stream';
import type { Clock } from '../ports/clock.ts';

export interface OutputPlace {
  /** Copies what it keeps. False: it is full until it calls `ready`. */
  take(bytes: Uint8Array): boolean;
  /** What has happened before is told at once. */
  listen(events: OutputPlaceEvents): void;
  /** Nothing more comes: resolves when all of it has arrived, or never will. */
  end(): Promise<void>;
  /**
   * The output will not be whole, which whoever is behind a stream has to see. The stream takes no more, and is never full.
   */
  abandon(): void;
  /** Lets go of the stream. */
  release(): void;
}

export interface OutputPlaceEvents {
  ready(): void;
  /** Nobody wants more. Called at most once. */
  gone(): void;
}

export interface Collector extends OutputPlace {
  readonly bytes: () => Buffer;
}

const FIRST_BLOCK_BYTES = 4 * 1024;
const LARGEST_BLOCK_BYTES = 1024 * 1024;

/** Keeps at most `maxBytes`. Calls back once when there is more, which is dropped. */
export function createCollector(maxBytes: number, onTooMuch: () => void): Collector {
  const full: Buffer[] = [];
  let block = Buffer.alloc(0);
  let used = 0;
  let totalBytes = 0;
  let isTooMuch = false;

  // Many small pieces shall not cost an object each.
  const keep = (bytes: Uint8Array): void => {
    for (let from = 0; from < bytes.length;) {
      if (used === block.length) {
        if (used > 0) full.push(block);
        const size = Math.min(LARGEST_BLOCK_BYTES, Math.max(FIRST_BLOCK_BYTES, 2 * block.length));
        block = Buffer.allocUnsafeSlow(size);
        used = 0;
      }
      const piece = bytes.subarray(from, from + block.length - used);
      block.set(piece, used);
      used += piece.length;
      from += piece.length;
    }
    totalBytes += bytes.length;
  };

  return {
    take(bytes) {
      const hasRoom = bytes.length <= maxBytes - totalBytes;
      keep(hasRoom ? bytes : bytes.subarray(0, maxBytes - totalBytes));
      if (!hasRoom && !isTooMuch) {
        isTooMuch = true;
        onTooMuch();
      }
      return true;
    },
    listen: () => undefined,
    end: () => Promise.resolve(),
    abandon: () => undefined,
    release: () => undefined,
    bytes: () => Buffer.concat([...full, block.subarray(0, used)]),
  };
}

export interface StreamPlaceOptions {
  readonly clock: Clock;
  /** Called at most once. */
  readonly onFailed: (error: Error) => void;
}

/** A stream that is destroyed need not say so: it may have been made with `emitClose: false`. */
const LOOK_MS = 1000;

/**
 * A stream of the caller's: ended when all is written, but for our own stdout and stderr, which are everybody's. It is
 * the caller's all the time, who may end or destroy it before a byte was read: so it is listened to from the beginning.
 */
export function createStreamPlace(stream: Writable, { clock, onFailed }: StreamPlaceOptions): OutputPlace {
  const isOurs = stream === process.stdout || stream === process.stderr;
  let events: OutputPlaceEvents | undefined;
  let [isEnding, isOver, isGone] = [false, false, false];
  let settle = (): void => undefined;
  const over = new Promise<void>((resolve) => (settle = resolve));

  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    cancelLook();
    settle();
    return true;
  };
  /** It takes no more. Whose reader has gone is closed rather than broken. */
  const lose = (error: (Error & { readonly code?: string }) | null | undefined): void => {
    if (!finish()) return;
    isGone = true;
    if (error && error.code !== 'EPIPE') onFailed(error);
    else events?.gone();
  };
  const onDrain = (): void => events?.ready();
  const onFinish = (): void => {
    if (isEnding) finish();
    else lose(null);
  };
  const onClose = (): void => lose(stream.errored);
  const onError = (error: Error): void => lose(error);
  /** Destroyed, or ended by somebody else. */
  const isUnusable = (): boolean => stream.destroyed || (stream.writableEnded && !isEnding);

  const look = (): (() => void) =>
    clock.after(LOOK_MS, () => {
      if (stream.destroyed) lose(stream.errored);
      else cancelLook = look();
    });
  let cancelLook = look();
  stream.on('drain', onDrain).on('finish', onFinish).on('close', onClose).on('error', onError);

  return {
    take(bytes) {
      if (isOver) return true;
      if (!isUnusable()) return stream.write(Buffer.from(bytes));
      lose(stream.errored);
      return true;
    },
    listen(listener) {
      events = listener;
      if (isGone) events.gone();
    },
    end() {
      if (isOver) return over;
      if (isUnusable()) {
        lose(stream.errored);
        return over;
      }
      isEnding = true;
      if (isOurs) stream.write('', onFinish);
      else stream.end();
      return over;
    },
    abandon() {
      finish();
      if (isOurs || stream.destroyed) return;
      // What was under way may fail yet, and nobody else may listen.
      stream.on('error', () => undefined);
      stream.destroy();
    },
    release() {
      cancelLook();
      stream.off('drain', onDrain).off('finish', onFinish).off('close', onClose).off('error', onError);
    },
  };
}
