import { expect, test } from 'vitest';
import { linePlaces } from '../../src/config/line-places.ts';

const TEXT = 'ab\r\n\ncd  \nefg';

test.each([
  [0, 1, { line: 1, column: 1, length: 1, text: 'ab' }],
  [1, 99, { line: 1, column: 2, length: 1, text: 'ab' }],
  [2, 1, { line: 1, column: 3, length: 1, text: 'ab' }],
  [4, 1, { line: 2, column: 1, length: 1, text: '' }],
  [5, 4, { line: 3, column: 1, length: 2, text: 'cd  ' }],
  [10, 2, { line: 4, column: 1, length: 2, text: 'efg' }],
  [13, 1, { line: 4, column: 4, length: 1, text: 'efg' }],
  [99, 0, { line: 4, column: 4, length: 1, text: 'efg' }],
])('%i, %i long', (at, length, expected) => {
  expect(linePlaces('f', TEXT)(at, length)).toEqual({ file: 'f', ...expected });
});

test('an empty text has one place', () => {
  expect(linePlaces('f', '')(0, 1)).toEqual({ file: 'f', line: 1, column: 1, length: 1, text: '' });
});
