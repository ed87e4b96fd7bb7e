/** Chunks and their results: whatever they hold comes back as it was, and numbers alone take no more than they have to. */
import { expect, test } from 'vitest';
import { createFrameReader } from '../../../src/os/worker/frames.ts';
import { frameOfValues, valuesIn } from '../../../src/os/worker/values.ts';

const HEADER_AND_HOW = 6;

/** By way of a stream in which the frame begins at an odd place. */
function sentAndRead(values: readonly unknown[]): readonly unknown[] {
  const frames: unknown[][] = [];
  const read = createFrameReader((kind, payload) => {
    expect(kind).toBe(9);
    frames.push(valuesIn(payload));
  });
  const frame = frameOfValues(9, values);
  read(Buffer.concat([frame, frame]));
  expect(frames[1]).toEqual(frames[0]);
  return frames[1] ?? [];
}

const many = Array.from({ length: 3000 }, (_, at) => at - 1500);

test.each<[what: string, values: readonly unknown[], bytes: number | undefined]>([
  ['nothing', [], undefined],
  ['integers', [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)], 5 * 4],
  ['many integers', many, 3000 * 4],
  ['-0 among integers', [1, -0, 0], 3 * 8],
  ['large integers', [2 ** 31, 1], 2 * 8],
  ['fractions', [0.5, 1, NaN, Infinity], 4 * 8],
  ['many fractions', many.map((each) => each / 3), 3000 * 8],
  ['undefined', new Array<undefined>(300).fill(undefined), 4],
  ['numbers and something else', [1, 'a', null, undefined, { a: [1n] }], undefined],
  ['undefined, then something else', [undefined, 1], undefined],
  ['texts', ['a', 'ä', ''], undefined],
  ['bytes', [new Uint8Array([1, 2, 3]), Buffer.from('x')], undefined],
  ['maps, sets, dates, errors', [new Map([[1, new Set([2])]]), new Date(0), new RangeError('x')], undefined],
])('%s', (_what, values, bytes) => {
  const read = sentAndRead(values);
  expect(read).toHaveLength(values.length);
  values.forEach((value, at) => expect(read[at]).toEqual(value));
  if (bytes !== undefined) expect(frameOfValues(9, values)).toHaveLength(HEADER_AND_HOW + bytes);
});

test('what has no structured clone throws', () => {
  expect(() => frameOfValues(9, [1, () => 1])).toThrow('could not be cloned');
});
