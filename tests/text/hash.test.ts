import { expect, test } from 'vitest';
import { digestOfBytes } from '../../src/text/hash.ts';

const BYTES = Uint8Array.from({ length: 103 }, (_, at) => (at * 37) % 256);

test('the digest changes with each bit, with the length, and with the order', () => {
  const digests = new Set([digestOfBytes(BYTES)]);
  for (let bit = 0; bit < 8 * BYTES.length; bit += 1) {
    const other = BYTES.slice();
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    digests.add(digestOfBytes(other));
  }
  for (let length = 0; length < BYTES.length; length += 1) digests.add(digestOfBytes(BYTES.slice(0, length)));
  digests.add(digestOfBytes(BYTES.slice().reverse()));
  expect(digests.size).toBe(1 + 8 * BYTES.length + BYTES.length + 1);
  for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/);
});

test('zeros have as many digests as lengths', () => {
  const digests = Array.from({ length: 100 }, (_, length) => digestOfBytes(new Uint8Array(length)));
  expect(new Set(digests).size).toBe(100);
});

test('it does not matter where the bytes lie', () => {
  const whole = Buffer.alloc(200);
  for (const at of [0, 1, 2, 3, 8]) {
    whole.set(BYTES, at);
    expect(digestOfBytes(whole.subarray(at, at + BYTES.length))).toBe(digestOfBytes(BYTES));
  }
});
