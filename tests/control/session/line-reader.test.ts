import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineReader } from '../../../src/control/session/line-reader.ts';

test('lines arrive whole, wherever the bytes are cut', () => {
  const lines = fc.array(fc.string({ unit: 'binary' }).filter((line) => !/^$|[\r\n]/.test(line)));
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 7 }), (sent, size) => {
      const reader = createLineReader(10_000);
      const bytes = Buffer.from(sent.map((line) => `${line}\n`).join(''));
      const received: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        received.push(...reader.take(bytes.subarray(at, at + size)));
      expect(received).toEqual(sent);
      expect(reader.heldBytes).toBe(0);
    }),
  );
});

test('a line may be as long as the limit, and is refused where it is longer, before its end', () => {
  const reader = createLineReader(4);
  expect(reader.take(Buffer.from('ab'))).toEqual([]);
  expect(reader.take(Buffer.from('cd\n'))).toEqual(['abcd']);
  expect(() => reader.take(Buffer.from('abcde'))).toThrow('too long');
});

test('what is held is a copy', () => {
  const reader = createLineReader(100);
  const block = Buffer.from('first\nrest');
  expect(reader.take(block)).toEqual(['first']);
  block.fill(0);
  expect(reader.take(Buffer.from('\n'))).toEqual(['rest']);
});
