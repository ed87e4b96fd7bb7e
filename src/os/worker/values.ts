/**
 * Many values in one frame: those of a chunk, or its results. One byte tells how they are written. Numbers alone are written
 * as they are, and of undefined alone only how many: v8 takes fifty times as long for them as most functions of numbers.
 */
import { deserialize, serialize } from 'node:v8';
import { frameFor, HEADER_BYTES } from './frames.ts';

const BY_V8 = 0;
const INTEGERS = 1;
const DOUBLES = 2;
const UNDEFINED = 3;

/** Chunks are rarely larger. */
const KEPT = 1024;
const integers = new Int32Array(KEPT);
const doubles = new Float64Array(KEPT);

/** Throws what v8 throws for a value without a structured clone. */
export function frameOfValues(kind: number, values: readonly unknown[]): Buffer {
  return (
    (values.length === 0 ? undefined : frameOfSame(kind, values)) ?? frameWith(kind, BY_V8, serialize(values))
  );
}

/** Of the payload of such a frame. */
export function valuesIn(payload: Buffer): unknown[] {
  const bytes = payload.subarray(1);
  const { length } = bytes;
  if (payload[0] === INTEGERS)
    return numbersIn(bytes, length > integers.byteLength ? new Int32Array(length / 4) : integers);
  if (payload[0] === DOUBLES)
    return numbersIn(bytes, length > doubles.byteLength ? new Float64Array(length / 8) : doubles);
  if (payload[0] === UNDEFINED) return new Array<unknown>(bytes.readUInt32LE(0)).fill(undefined);
  return deserialize(bytes) as unknown[];
}

function frameOfSame(kind: number, values: readonly unknown[]): Buffer | undefined {
  const [first] = values;
  if (typeof first === 'number') return frameOfIntegers(kind, values) ?? frameOfDoubles(kind, values);
  if (first !== undefined) return undefined;
  for (const value of values) if (value !== undefined) return undefined;
  const count = Buffer.allocUnsafe(4);
  count.writeUInt32LE(values.length, 0);
  return frameWith(kind, UNDEFINED, count);
}

function frameOfIntegers(kind: number, values: readonly unknown[]): Buffer | undefined {
  const { length } = values;
  const all = length > KEPT ? new Int32Array(length) : integers;
  for (let at = 0; at < length; at += 1) {
    const value = values[at];
    // -0 has no place among the integers, and is not the same as 0 for Object.is.
    if (typeof value !== 'number' || !Object.is(value | 0, value)) return undefined;
    all[at] = value;
  }
  return frameWith(kind, INTEGERS, new Uint8Array(all.buffer, 0, 4 * length));
}

function frameOfDoubles(kind: number, values: readonly unknown[]): Buffer | undefined {
  const { length } = values;
  const all = length > KEPT ? new Float64Array(length) : doubles;
  for (let at = 0; at < length; at += 1) {
    const value = values[at];
    if (typeof value !== 'number') return undefined;
    all[at] = value;
  }
  return frameWith(kind, DOUBLES, new Uint8Array(all.buffer, 0, 8 * length));
}

/** The bytes are copied, for they may begin anywhere. */
function numbersIn(bytes: Buffer, into: Int32Array | Float64Array): number[] {
  new Uint8Array(into.buffer).set(bytes);
  const count = bytes.length / into.BYTES_PER_ELEMENT;
  const values = new Array<number>(count);
  for (let at = 0; at < count; at += 1) values[at] = into[at] ?? 0;
  return values;
}

function frameWith(kind: number, how: number, bytes: Uint8Array): Buffer {
  const frame = frameFor(kind, bytes.length + 1);
  frame[HEADER_BYTES] = how;
  frame.set(bytes, HEADER_BYTES + 1);
  return frame;
}
