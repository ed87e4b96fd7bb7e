/** The destination of the output: memory, or a stream. */
import type { Writable } from 'node:stream';

export interface OutputPlace {
  /** Copies the bytes that it keeps. Returns false if it is full: wait for `ready`. */
  take(bytes: Uint8Array): boolean;
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
  failed(error: Error): void;
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

/** The caller's stream. It is ended when everything is written, unless it is process.stdout or process.stderr. */
export function createStreamPlace(stream: Writable): OutputPlace {
  const isOurs = stream === process.stdout || stream === process.stderr;
  let events: OutputPlaceEvents | undefined;
  let isOver = false;
  let settle = (): void => undefined;
  const over = new Promise<void>((resolve) => (settle = resolve));

  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    settle();
    return true;
  };
  const onDrain = (): void => events?.ready();
  const onFinish = (): void => void finish();
  const onClose = (): void => {
    if (finish()) events?.gone();
  };
  // EPIPE means that the reader is gone, not that the stream failed.
  const onError = (error: Error & { readonly code?: string }): void => {
    if (error.code === 'EPIPE') onClose();
    else if (finish()) events?.failed(error);
  };

  return {
    take(bytes) {
      return isOver || stream.write(Buffer.from(bytes));
    },
    listen(listener) {
      events = listener;
      stream.on('drain', onDrain).on('finish', onFinish).on('close', onClose).on('error', onError);
    },
    end() {
      if (isOver) return over;
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
      stream.off('drain', onDrain).off('finish', onFinish).off('close', onClose).off('error', onError);
    },
  };
}
