import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isGlob, matchesGlob } from '../../src/text/glob.ts';

test.each([
  ['work*', 'worker', true],
  ['work*', 'web', false],
  ['*er', 'worker', true],
  ['w*k*r', 'worker', true],
  ['w*b*r', 'worker', false],
  ['we?', 'web', true],
  ['we?', 'we', false],
  ['web.*', 'web.1', true],
  ['web.*', 'webx1', false],
  ['*', '', true],
  ['**', 'anything', true],
  ['web', 'web', true],
  ['web', 'web.1', false],
])('%j and %j: %j', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test('agrees with a regular expression', () => {
  const word = (letters: string) => fc.string({ unit: fc.constantFrom(...letters.split(',')), maxLength: 8 });
  fc.assert(
    fc.property(word('a,b,*,?'), word('a,b'), (pattern, text) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
    }),
  );
});

test('a name is no pattern', () => {
  expect(['web', 'web.1', 'ingest/parse', 'we*', 'we?'].map(isGlob)).toEqual([
    ...[false, false, false],
    ...[true, true],
  ]);
});
