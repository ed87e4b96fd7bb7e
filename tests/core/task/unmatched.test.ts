import { expect, test } from 'vitest';
import { fileRules, unmatchedRules } from '../../../src/core/task/files.ts';

test.each([
  [['src/**'], ['src/a/b.ts'], []],
  [['scr/**'], ['src/a/b.ts'], ['scr/**']],
  [['src/*.ts', 'src/*.tsx'], ['src/b.ts'], ['src/*.tsx']],
  [['src', 'package.json'], ['src/b.ts'], ['package.json']],
  [['{src,lib}/**'], ['lib/b.ts'], []],
  [['src/**', '!test/**'], ['src/b.ts'], []],
  [['src/**', '!src/a'], [], ['src/**']],
  [['src', 'srcs'], ['srcs/b.ts'], ['src']],
  [['**'], ['a'], []],
  [['**/node_modules/**', '**'], ['a/node_modules/b/c'], ['**']],
])('of %j the files %j leave %j unmatched', (globs, files, unmatched) => {
  const paths = files.map((file) => `/app/${file}`);
  expect(unmatchedRules(fileRules(globs, '/app'), paths).map(({ text }) => text)).toEqual(unmatched);
});
