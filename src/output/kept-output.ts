/**
 * The output of the jobs of a pool, kept until its turn. What a job writes is gathered in blocks. When all blocks together
 * are too much for memory, those of the job that has just written go to temporary files.
 */
import type { Extent, OutputStream, Spill } from '../ports/pool.ts';

/** A block in memory, or in a file. */
export type Piece = Uint8Array | Extent;

export interface KeptOutput {
  /** Of stdout. */
  readonly stdoutBytes: number;
  /** Copies `bytes`. */
  add(stream: OutputStream, bytes: Uint8Array): void;
  /** What is kept, in blocks; a block is valid until the next one is asked for. Throws where a temporary file cannot be read. */
  read(stream: OutputStream): Iterable<Uint8Array>;
  /** Takes what is kept, which is the caller's to release piece by piece. */
  take(stream: OutputStream): readonly Piece[];
  discard(): void;
}

export interface OutputStore {
  open(): KeptOutput;
  /** It was printed. */
  release(piece: Piece): void;
}

export interface OutputStoreOptions {
  readonly spill: Spill;
  /** Default: 16 MiB. */
  readonly limitBytes?: number;
  /** A temporary file cannot be written (ENOSPC ...): output is lost. Called for each block. */
  readonly failed: (error: unknown) => void;
}

const LIMIT_BYTES = 16 * 1024 * 1024;
const FIRST_BYTES = 256;
const BLOCK_BYTES = 64 * 1024;

export function createOutputStore({
  spill,
  limitBytes = LIMIT_BYTES,
  failed,
}: OutputStoreOptions): OutputStore {
  /** Of the blocks in memory. */
  let keptBytes = 0;

  const release = (piece: Piece): void => {
    if (piece instanceof Uint8Array) keptBytes -= piece.length;
    else piece.release();
  };

  const spilled = (bytes: Uint8Array): Piece | undefined => {
    try {
      return spill.write(bytes);
    } catch (error) {
      failed(error);
      return undefined;
    }
  };

  function* blocksOf(pieces: readonly Piece[]): Generator<Uint8Array, void, undefined> {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) {
        yield piece;
        continue;
      }
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      for (let from = 0; from < piece.byteCount;) {
        const got = spill.read(piece, from, block);
        if (got === 0) break;
        yield block.subarray(0, got);
        from += got;
      }
    }
  }

  const openStream = () => {
    let pieces: Piece[] = [];
    let block = EMPTY;
    let used = 0;
    let isSpilling = false;

    const spillAll = (): void => {
      isSpilling = true;
      pieces = pieces.flatMap((piece) => {
        if (!(piece instanceof Uint8Array)) return [piece];
        keptBytes -= piece.length;
        return spilled(piece) ?? [];
      });
    };
    /** Puts the block to the others, where there is no room for it into a file; then it can be used again. */
    const close = (): void => {
      if (used === 0) return;
      if (!isSpilling && keptBytes + used > limitBytes) spillAll();
      if (isSpilling) {
        const piece = spilled(block.subarray(0, used));
        if (piece !== undefined) pieces.push(piece);
      } else {
        pieces.push(block.subarray(0, used));
        keptBytes += used;
        block = EMPTY;
      }
      used = 0;
    };
    const grow = (needed: number): void => {
      const size = Math.min(BLOCK_BYTES, Math.max(FIRST_BYTES, 2 * block.length, used + needed));
      const larger = Buffer.allocUnsafeSlow(size);
      larger.set(block.subarray(0, used));
      block = larger;
    };
    return {
      add(bytes: Uint8Array): void {
        for (let from = 0; from < bytes.length;) {
          if (used === BLOCK_BYTES) close();
          if (used === block.length) grow(bytes.length - from);
          const size = Math.min(block.length - used, bytes.length - from);
          block.set(bytes.subarray(from, from + size), used);
          used += size;
          from += size;
        }
      },
      read(): Iterable<Uint8Array> {
        close();
        return blocksOf(pieces);
      },
      take(): readonly Piece[] {
        close();
        const taken = pieces;
        pieces = [];
        return taken;
      },
    };
  };

  return {
    release,
    open() {
      const streams: Partial<Record<OutputStream, ReturnType<typeof openStream>>> = {};
      const take = (stream: OutputStream): readonly Piece[] => streams[stream]?.take() ?? [];
      // No getter: V8 makes a shape of its own for each object with one, which only a full collection frees.
      const kept = {
        stdoutBytes: 0,
        add(stream: OutputStream, bytes: Uint8Array): void {
          if (stream === 'stdout') kept.stdoutBytes += bytes.length;
          (streams[stream] ??= openStream()).add(bytes);
        },
        read: (stream: OutputStream): Iterable<Uint8Array> => streams[stream]?.read() ?? [],
        take,
        discard(): void {
          for (const piece of [...take('stdout'), ...take('stderr')]) release(piece);
        },
      };
      return kept;
    },
  };
}

const EMPTY = new Uint8Array(0);
