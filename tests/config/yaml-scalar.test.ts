import { expect, test } from 'vitest';
import { offsetInScalar } from '../../src/config/yaml/scalar.ts';

test.each<[string, number, number | undefined]>([
  ['a | b', 2, 2],
  ["'a | b'", 2, 3],
  ["'it''s | b'", 5, 7],
  ['"a | b"', 2, 3],
  [String.raw`"a\tb"`, 1, 2],
  [String.raw`"a\tb"`, 2, 4],
  [String.raw`"\x41b"`, 1, 5],
  [String.raw`"\u0041b"`, 1, 7],
  [String.raw`"\U00000041b"`, 1, 11],
  [String.raw`"\U0001F600b"`, 1, 1],
  [String.raw`"\U0001F600b"`, 2, 11],
  ['"a"', 1, 2],
  ['|', 0, undefined],
  ['> # folded', 0, undefined],
  ['a\n  b', 0, undefined],
  ['"a\n  b"', 0, undefined],
])('%j, unit %i', (source, at, expected) => {
  expect(offsetInScalar(source, at)).toBe(expected);
});
