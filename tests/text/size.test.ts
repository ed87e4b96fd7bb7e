import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSize, parseSize } from '../../src/text/size.ts';

test.each([
  ['512MB', 512_000_000],
  ['1GiB', 1_073_741_824],
  ['64KiB', 65_536],
  ['64kib', 65_536],
  ['1.5KB', 1_500],
  ['.5MiB', 524_288],
  ['2TB', 2e12],
  ['1TiB', 1_099_511_627_776],
  ['100B', 100],
  ['100', 100],
  ['0', 0],
  ['0.4', 0],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
])('reads %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  '',
  ' ',
  '1 MB',
  ' 1MB',
  '-1MB',
  '+1',
  'MB',
  '1M',
  '1iB',
  '1PB',
  '1MBs',
  '5.',
  '1e3',
  '0x10',
  '٥MB',
  'NaN',
  'Infinity',
  '9007199254740992',
  '9000TiB',
  '9'.repeat(400),
])('refuses %j', (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test('refuses a million digits', () => {
  expect(parseSize(`${'1'.repeat(1_000_000)}x`)).toBeUndefined();
});

test.each([
  [0, '0B'],
  [1, '1B'],
  [1_000, '1KB'],
  [1_024, '1KiB'],
  [1_572_864, '1.5MiB'],
  [1_001, '1001B'],
  [512_000_000, '512MB'],
  [1_073_741_824, '1GiB'],
  [10_485_760, '10MiB'],
])('writes %i', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      expect(parseSize(formatSize(bytes))).toBe(bytes);
    }),
  );
});
