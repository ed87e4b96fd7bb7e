import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, LONGEST_DURATION_MS, parseDuration } from '../../src/text/duration.ts';

test.each([
  ['500ms', 500],
  ['5s', 5_000],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['1d2h3m4s5ms', 93_784_005],
  ['5', 5_000],
  ['0', 0],
  ['0.5', 500],
  ['.5s', 500],
  ['1.5m', 90_000],
  ['0.0004s', 0],
  ['24d', LONGEST_DURATION_MS],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  ' ',
  '5 s',
  ' 5s',
  '-5',
  '+5',
  '5x',
  's',
  'ms',
  '1s1m',
  '1m1m',
  '5.',
  '1e3',
  '0x10',
  '٥s',
  '5S',
  'NaN',
  'Infinity',
  '25d',
  '24d1ms',
  '9'.repeat(400),
  `${'1'.repeat(1_000_000)}x`,
])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, '0s'],
  [1, '1ms'],
  [999, '999ms'],
  [1_500, '1.5s'],
  [60_000, '1m'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [3_661_001, '1h1m1.001s'],
])('writes %i', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LONGEST_DURATION_MS }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});
