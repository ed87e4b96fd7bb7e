import { expect, test } from 'vitest';
import { isChanged, type Content } from '../../../src/core/watch/content.ts';

const FILE = { size: 3, mtimeMs: 1000, ctimeMs: 1000, hash: 7 };

test.each<[string, Content, Content, boolean]>([
  ['nothing has happened', FILE, FILE, false],
  ['touch, chmod, or the same bytes again', FILE, { ...FILE, mtimeMs: 2000, ctimeMs: 2000 }, false],
  ['other bytes', FILE, { ...FILE, ctimeMs: 2000, hash: 8 }, true],
  ['other bytes of the same size, and the time set back', FILE, { ...FILE, ctimeMs: 2000, hash: 8 }, true],
  ['an older file put over it', FILE, { ...FILE, mtimeMs: 1, ctimeMs: 2000, hash: 9 }, true],
  ['a large one that was written', { ...FILE, hash: null }, { ...FILE, ctimeMs: 2000, hash: null }, true],
  ['a large one that was not', { ...FILE, hash: null }, { ...FILE, hash: null }, false],
  [
    'a link to another file with the same times',
    { ...FILE, ctimeMs: NaN },
    { ...FILE, ctimeMs: NaN, hash: 8 },
    true,
  ],
  ['a link to the same file', { ...FILE, ctimeMs: NaN }, { ...FILE, ctimeMs: NaN }, false],
  ['made', 'missing', FILE, true],
  ['made and removed again', 'missing', 'missing', false],
  ['removed', FILE, 'missing', true],
  ['one that nobody has looked into', 'unknown', FILE, true],
  ['the same, removed', 'unknown', 'missing', true],
])('%s', (_, before, now, is) => {
  expect(isChanged(before, now)).toBe(is);
});
