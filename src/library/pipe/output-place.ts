/** The destination of the output: memory, or a stream. */
import type { Writable } from 'node:stream';
import type { Clock } from '../../ports/clock.ts';
import { listenTo } from './shared-listeners.ts';

export interface OutputPlace {
  /** Copies the bytes that it keeps. Returns false if it is full: wait for `ready`. */
  take(bytes: Uint8Array): boolean;
  /** What has happened before is told at once. */
  listen(events: OutputPlaceEvents): void;
  /** Ends the output. Resolves when all of it has been taken, or can no longer be taken. */
  end(): Promise<void>;
  /**
   * Gives up incomplete output: a stream is destroyed, so that its reader notices. It takes no more, and is never full.
   */
  abandon(): void;
  /** Removes all listeners from the stream. */
  release(): void;
}

export interface OutputPlaceEvents {
  ready(): void;
  /** The reader is gone. Called at most once. */
  gone(): void;
}

export interface Collector extends OutputPlace {
  readonly bytes: () => Buffer;
}

const FIRST_BLOCK_BYTES = 4 * 1024;
const LARGEST_BLOCK_BYTES = 1024 * 1024;

/** Keeps at most `maxBytes`. Drops the rest, and calls back once. */
export function createCollector(maxBytes: number, onTooMuch: () => void): Collector {
  const full: Buffer[] = [];
  let block = Buffer.alloc(0);
  let used = 0;
  let totalBytes = 0;
  let isTooMuch = false;

  // Blocks, so that many small pieces do not need an object each.
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

/** A destroyed stream may not emit anything, if it was created with `emitClose: false`: it is checked this often. */
const LOOK_MS = 1000;

/**
 * The caller's stream. It is ended when everything is written, unless it is process.stdout or process.stderr. The caller
 * may end or destroy it before a byte was read, so we listen from the beginning.
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
  const stopListening = listenTo(stream, {
    drain: onDrain,
    finish: onFinish,
    close: onClose,
    error: onError,
  });

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
      // A pending write may still fail, and no other listener may be left.
      stream.on('error', () => undefined);
      stream.destroy();
    },
    release() {
      cancelLook();
      stopListening();
    },
  };
}
