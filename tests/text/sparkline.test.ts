import { expect, test } from 'vitest';
import { cpuScale, memoryScale, resample, sparkline } from '../../src/text/sparkline.ts';

test.each([
  [[0, 1, 2, 3, 4, 5, 6, 7], 8, 7, '▁▂▃▄▅▆▇█'],
  [[1, 2, 7], 2, 7, '▃█'],
  [[7], 3, 7, '  █'],
  [[7, null, 0], 3, 7, '█ ▁'],
  [[99, -1], 2, 7, '█▁'],
  [[0, 0], 2, 0, '▁▁'],
  [[1, 2], 0, 7, ''],
  [[], 2, 7, '  '],
])('%j in %i cells up to %i: %s', (samples, width, max, text) => {
  expect(sparkline(samples, { width, max })).toBe(text);
});

test('in ASCII', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], { width: 8, max: 7, ascii: true })).toBe(' .:-=+*#');
});

test.each([
  [[1, 2, 3], 3, [1, 2, 3]],
  [[1, 9, 3, null, null, null], 3, [9, 3, null]],
  [[0, null], 1, [0]],
  [[1, 2, 3, 4, 5], 2, [2, 5]],
])('%j resampled to %i', (samples, width, expected) => {
  expect(resample(samples, width)).toEqual(expected);
});

test('scales', () => {
  expect([cpuScale([]), cpuScale([20]), cpuScale([null, 250])]).toEqual([100, 100, 250]);
  expect([memoryScale([]), memoryScale([20, null])]).toEqual([0, 20]);
});
