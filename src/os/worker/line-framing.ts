/** Workers in any language: a message in on stdin, a message out on stdout. */

import type { Framing } from '../../core/pool/framing.ts';

export type { Framing } from '../../core/pool/framing.ts';

export interface LineCodec {
  /** Of a text, a number, or bytes that are sent as they are. Throws a TypeError for what cannot be sent so. */
  encode(value: unknown): Buffer;
  /** Throws a SyntaxError for what is no JSON. */
  decode(message: Buffer): unknown;
  /** Takes chunks of any size, and calls back for each whole message. */
  reader(onMessage: (message: Buffer) => void): (chunk: Buffer) => void;
}

const NEWLINE = 10;
const LENGTH_BYTES = 4;

export function createLineCodec(framing: Framing): LineCodec {
  if (framing === 'length') return LENGTH_CODEC;
  const end = framing === 'null' ? 0 : NEWLINE;
  return {
    encode(value) {
      const text = framing === 'json' ? Buffer.from(JSON.stringify(value ?? null)) : bytesOf(value);
      const bytes = Buffer.allocUnsafe(text.length + 1);
      bytes.set(text);
      bytes[text.length] = end;
      const at = bytes.indexOf(end);
      if (at === bytes.length - 1) return bytes;
      throw new TypeError(
        `a value with a ${end === 0 ? 'NUL byte' : 'newline'} cannot be sent as '${framing}'`,
      );
    },
    decode: (message) =>
      framing === 'json' ? (JSON.parse(message.toString()) as unknown) : message.toString(),
    reader: (onMessage) => splitAt(end, onMessage),
  };
}

function splitAt(end: number, onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(end); at >= 0; at = chunk.indexOf(end, from)) {
      const piece = chunk.subarray(from, at);
      from = at + 1;
      const whole = parts.length === 0 ? piece : Buffer.concat([...parts, piece]);
      parts = [];
      onMessage(whole);
    }
    if (from < chunk.length) parts.push(Buffer.from(chunk.subarray(from)));
  };
}

const LENGTH_CODEC: LineCodec = {
  encode(value) {
    const text = bytesOf(value);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, text]);
  },
  decode: (message) => message.toString(),
  reader(onMessage) {
    let held: Buffer = Buffer.alloc(0);
    return (chunk) => {
      held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      while (held.length >= LENGTH_BYTES) {
        const end = LENGTH_BYTES + held.readUInt32BE(0);
        if (held.length < end) return;
        const message = held.subarray(LENGTH_BYTES, end);
        held = held.subarray(end);
        onMessage(message);
      }
    };
  },
};

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return Buffer.from(String(value));
  throw new TypeError(`a value must be a string or a number, got ${value === null ? 'null' : typeof value}`);
}
