/**
 * Putting a prefix before each line of a block, and the place where all blocks are worked on. Two implementations
 * have this one shape: the plain one below, and the SIMD one of `wasm-prefixer.ts`.
 */

/** The longest line that is printed in one piece, and so the most that is held of an unfinished one. */
export const LINE_LIMIT_BYTES = 1024 * 1024;
/** What a kernel pipe holds by default. */
export const PIPE_BYTES = 64 * 1024;
/** The most that is read at once. More than a pipe holds: a read that leaves room has emptied it, and libuv asks no more. */
export const READ_BYTES = PIPE_BYTES + 1;
/**
 * On many processors (Zen 3 and later) `rep movsb`, by which the C library copies, takes ten times as long where the target lies
 * 1 to 31 bytes further into its page than the source, glibc bug 30994. That is where malloc(3) puts a large buffer,
 * behind its own 16 bytes.
 */
const HALF_A_PAGE_BYTES = 2048;
/** The workspace: room for a held line, then what was just read, then one byte for a newline that was missing. */
export const READ_START = LINE_LIMIT_BYTES + HALF_A_PAGE_BYTES;
export const WORKSPACE_BYTES = READ_START + READ_BYTES + 1;

/** Ready to be inserted: the bytes, and the same bytes as the characters of a latin1 string. */
export interface Prefix {
  readonly bytes: Uint8Array;
  readonly latin1: string;
}

export interface Prefixer {
  /** Where all pipes are read to and lines are put together: `WORKSPACE_BYTES` long, read to at `READ_START`. */
  readonly workspace: Buffer;
  /**
   * Hands `workspace[start, end)`, whole lines with their newlines, to `emit` with `prefix` before each, in one or
   * more blocks that are valid during the call only. A block need not end with a line. `clean` is asked where there may
   * be something to remove, and may change `workspace[start, end)`.
   */
  insert(
    start: number,
    end: number,
    prefix: Prefix,
    emit: (block: Uint8Array) => void,
    clean?: CleanText,
  ): void;
}

/** Removes what must not be printed from whole lines as latin1; the result is never longer, and has as many lines. */
export type CleanText = (latin1: string) => string;

const unchanged: CleanText = (text) => text;

/** Cleans `workspace[start, end)` in place; returns its new end. */
export function cleanIn(workspace: Buffer, start: number, end: number, clean: CleanText | undefined): number {
  if (clean === undefined) return end;
  const text = workspace.toString('latin1', start, end);
  const cleaned = clean(text);
  return cleaned === text ? end : start + workspace.write(cleaned, start, 'latin1');
}

export function prefixFrom(text: string): Prefix {
  const bytes = Buffer.from(text);
  return { bytes, latin1: bytes.toString('latin1') };
}

/** Bounds what one `emit` gets: bare newlines grow by the whole prefix each, 29-fold with a usual one. */
export const OUTPUT_BYTES = 256 * 1024;

/** Plain TypeScript: latin1 keeps one byte one character, so V8's string search does the work, whatever the bytes are. */
export function createPlainPrefixer(workspace: Buffer = Buffer.allocUnsafeSlow(WORKSPACE_BYTES)): Prefixer {
  const output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  return {
    workspace,
    insert(start, end, { latin1 }, emit, clean = unchanged) {
      const lines = clean(workspace.toString('latin1', start, end - 1)).replaceAll('\n', '\n' + latin1);
      const text = latin1 + lines + '\n';
      for (let from = 0; from < text.length; from += OUTPUT_BYTES) {
        const size = output.write(text.slice(from, from + OUTPUT_BYTES), 'latin1');
        emit(output.subarray(0, size));
      }
    },
  };
}
