/** Cuts a stream of bytes into records: lines, or what ends with another byte. One record is held, never the input. */
import { valueOfBytes } from '../../core/pool/quote-value.ts';

export interface RecordOptions {
  /** The byte that ends a record: newline, NUL for `-0`, or that of `-d`. */
  readonly delimiter: number;
  /** For messages: the file, or `stdin`. */
  readonly name: string;
}

/** A value that cannot be passed to a program, or an input that cannot be read. Ends the pool with status 2. */
export class InputError extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The last record needs no delimiter; nothing after the last delimiter is no record. */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array>,
  { delimiter, name }: RecordOptions,
): AsyncGenerator<string, void, undefined> {
  let count = 0;
  // Pieces are joined once: a record may be longer than many chunks.
  let pieces: Uint8Array[] = [];
  const valueOf = (last: Uint8Array): string => {
    const bytes = pieces.length === 0 ? last : joined([...pieces, last]);
    pieces = [];
    count += 1;
    if (delimiter !== 0 && bytes.includes(0)) throw nulError(name, count);
    return valueOfBytes(bytes);
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(delimiter); end !== -1; end = chunk.indexOf(delimiter, from)) {
      yield valueOf(chunk.subarray(from, end));
      from = end + 1;
    }
    // A copy: the next chunk may come in the same memory.
    if (from < chunk.length) pieces.push(new Uint8Array(chunk.subarray(from)));
  }
  if (pieces.length > 0) yield valueOf(new Uint8Array(0));
}

function nulError(name: string, count: number): InputError {
  return new InputError(
    `invalid value in record ${String(count)} of ${name}: it contains a NUL byte`,
    'use -0 for input that is separated by NUL bytes, such as that of find -print0',
  );
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
