import { expect, test } from 'vitest';
import { isRunTagOf, runTagOf } from '../../src/core/run-tag.ts';

const NOW = Date.UTC(2026, 0, 1);

test('a tag is recognized as that of its supervisor, and of no other', () => {
  for (const random of [0, 0.5, 0.999999999]) {
    const tag = runTagOf(4711, NOW, random);
    expect(isRunTagOf(tag, 4711), tag).toBe(true);
    expect(isRunTagOf(tag, 4712), tag).toBe(false);
    expect(isRunTagOf(tag, 471), tag).toBe(false);
  }
});

test.each([
  '',
  ':',
  '3mv-',
  '3mv-:',
  '3mv',
  '-',
  '3mv-abcdefgh-1',
  '3mv-abcdefgh-1:web.1:1:',
  '3mv-a\n-1:',
  '.*:',
])('a tag of another form is not one: %j', (text) => {
  expect(isRunTagOf(text, 4711)).toBe(false);
});
