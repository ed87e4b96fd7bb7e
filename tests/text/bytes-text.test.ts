import { expect, test } from 'vitest';
import { bytesText, percentText, uptimeText } from '../../src/text/bytes-text.ts';

const K = 1024;

test.each([
  [0, '0B'],
  [512, '512B'],
  [999, '999B'],
  [1000, '0.98K'],
  [K, '1.00K'],
  [9.994 * K, '9.99K'],
  [9.996 * K, '10.0K'],
  [99.96 * K, '100K'],
  [12_345_678, '11.8M'],
  [512 * K * K, '512M'],
  [1000 * K * K, '0.98G'],
  [K * K * K, '1.00G'],
  [2.5 * K ** 4, '2.50T'],
  [5000 * K ** 4, '5000T'],
])('%d bytes: %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0.0%'],
  [12.345, '12.3%'],
  [99.94, '99.9%'],
  [99.95, '100%'],
  [1234.5, '1235%'],
])('%d percent: %s', (percent, text) => {
  expect(percentText(percent)).toBe(text);
});

test.each([
  [-1, '0s'],
  [0.999, '0s'],
  [5.2, '5s'],
  [59.9, '59s'],
  [60, '1m00s'],
  [192, '3m12s'],
  [7500, '2h05m'],
  [86_399, '23h59m'],
  [86_400 * 3 + 3600 * 4, '3d04h'],
])('%d seconds: %s', (seconds, text) => {
  expect(uptimeText(seconds)).toBe(text);
});
