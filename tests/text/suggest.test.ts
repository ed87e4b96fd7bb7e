import { expect, test } from 'vitest';
import { suggest } from '../../src/text/suggest.ts';

const NAMES = ['web', 'worker', 'clock', 'release-notes', '__proto__', 'constructor'];

test.each([
  ['wbe', 'web'],
  ['WEB', 'web'],
  ['web2', 'web'],
  ['wo', undefined],
  ['work', 'worker'],
  ['wroker', 'worker'],
  ['clokc', 'clock'],
  ['release_note', 'release-notes'],
  ['database', undefined],
  ['', undefined],
  ['x', undefined],
  ['w', undefined],
  ['constuctor', 'constructor'],
  ['x'.repeat(1_000_000), undefined],
])('%s -> %s', (word, expected) => {
  expect(suggest(word, NAMES)).toBe(expected);
});

test('the nearest wins, then the first', () => {
  expect(suggest('worker', ['workers', 'worker'])).toBe('worker');
  expect(suggest('web', ['wob', 'wab'])).toBe('wob');
  expect(suggest('web', [])).toBeUndefined();
});
