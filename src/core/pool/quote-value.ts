/**
 * Values of jobs as words for sh. A value that is not UTF-8 has each of its invalid bytes as a lone surrogate from U+DC80
 * to U+DCFF, as in Python's surrogateescape, so that it is one string from the input to the shell without being changed.
 */
import { quoteWord } from '../shell/words.ts';

const INVALID_BYTES = /[\uDC80-\uDCFF]+/u;
const INVALID_BYTE = 0xdc00;

/** A word that sh reads back as the value. Bytes that are not UTF-8 are made by printf(1), for the command itself is text. */
export function quoteValue(value: string): string {
  if (!INVALID_BYTES.test(value)) return quoteWord(value);
  const parts = value.split(/([\uDC80-\uDCFF]+)/u).filter((part) => part !== '');
  return parts.map((part) => (INVALID_BYTES.test(part) ? printed(part) : quoteWord(part))).join('');
}

function printed(part: string): string {
  const octals = Array.from(part, (unit) => `\\${(unit.charCodeAt(0) - INVALID_BYTE).toString(8)}`);
  return `"$(printf '${octals.join('')}')"`;
}

/** Text for people: invalid bytes as `\xE9`. */
export function readableValue(value: string): string {
  return value.replace(
    /[\uDC80-\uDCFF]/gu,
    (unit) => `\\x${(unit.charCodeAt(0) - INVALID_BYTE).toString(16).toUpperCase()}`,
  );
}

export const isUtf8Value = (value: string): boolean => !INVALID_BYTES.test(value);

/** The bytes that `valueOfBytes` makes this value of. */
export function bytesOfValue(value: string): Uint8Array {
  if (!INVALID_BYTES.test(value)) return ENCODER.encode(value);
  const parts = value.split(/([\uDC80-\uDCFF]+)/u);
  const pieces = parts.map((part) =>
    INVALID_BYTES.test(part)
      ? Uint8Array.from(part, (unit) => unit.charCodeAt(0) - INVALID_BYTE)
      : ENCODER.encode(part),
  );
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

const ENCODER = new TextEncoder();
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value that these bytes are. */
export function valueOfBytes(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

/** Whole sequences are decoded, any other byte is escaped. */
function escaped(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] ?? 0);
    const decoded = length === 0 ? undefined : strictly(bytes.subarray(at, at + length));
    text += decoded ?? String.fromCharCode(INVALID_BYTE + (bytes[at] ?? 0));
    at += decoded === undefined ? 1 : length;
  }
  return text;
}

function strictly(bytes: Uint8Array): string | undefined {
  try {
    return STRICT.decode(bytes);
  } catch {
    return undefined;
  }
}

/** By its first byte; 0 for one that begins none. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}
