import { describe, expect, it } from 'vitest';
import { basesOf, fileRules, fileScopeAt, isOwnOutput, ruleOf } from '../../../src/core/task/files.ts';

/** By the way down, as a walk asks. */
function isWanted(globs: readonly string[], path: string): boolean {
  const at = path.lastIndexOf('/');
  return fileScopeAt(fileRules(globs, '/app'), path.slice(0, at))?.wants(path.slice(at + 1)) ?? false;
}

describe('which files globs mean', () => {
  it.each<[readonly string[], string, boolean]>([
    [['src'], '/app/src/a.ts', true],
    [['src/'], '/app/src/deep/.env', true],
    [['./src/**'], '/app/src/a.ts', true],
    [['src'], '/app/srcs/a.ts', false],
    [['src/*.ts'], '/app/src/a.ts', true],
    [['src/*.ts'], '/app/src/deep/a.ts', false],
    [['src/**/*.ts'], '/app/src/a.ts', true],
    [['src/**/*.{ts,tsx}'], '/app/src/x/y/a.tsx', true],
    [['package.json'], '/app/package.json', true],
    [['package.json'], '/app/sub/package.json', false],
    [['../shared/**'], '/shared/a.ts', true],
    [['app/[id]/page.tsx'], '/app/app/[id]/page.tsx', true],
    [['**'], '/app/.hidden', true],
    [['**'], '/app/node_modules/x/index.js', false],
    [['**'], '/app/packages/web/node_modules/x/index.js', false],
    [['**'], '/app/.git/HEAD', false],
    [['node_modules/x'], '/app/node_modules/x/index.js', true],
    [['**', 'node_modules/x'], '/app/node_modules/y/index.js', false],
    [['src', '!src/*.test.ts'], '/app/src/a.test.ts', false],
    [['src', '!src/*.test.ts'], '/app/src/deep/a.test.ts', true],
    [['src', '!**/*.test.ts'], '/app/src/deep/a.test.ts', false],
    [['src', '!src/gen', 'src/gen/keep.ts'], '/app/src/gen/keep.ts', true],
    [['src', '!src/gen', 'src/gen/keep.ts'], '/app/src/gen/other.ts', false],
    [['!src/gen', 'src'], '/app/src/gen/a.ts', true],
    [['**'], '/app/.procsup-partial-1', false],
    [[], '/app/a', false],
    [['!src'], '/app/src/a', false],
  ])('%j: %s %s', (globs, path, expected) => {
    expect(isWanted(globs, path)).toBe(expected);
    if (!path.includes('partial'))
      expect(ruleOf(fileRules(globs, '/app'), path) !== undefined, 'asked of the whole path').toBe(expected);
  });

  it('does not lead into what is taken back as a whole', () => {
    const scope = fileScopeAt(fileRules(['**', '!dist', '!tmp/**', 'tmp/keep'], '/app'), '/app');
    expect(['src', 'dist', 'tmp', 'node_modules'].map((name) => scope?.below(name) !== undefined)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('looking begins at the plain part of each glob, once', () => {
    const rules = fileRules(['src/**/*.ts', 'src/lib', 'package.json', '../shared/*', '!src/x'], '/app');
    expect(basesOf(rules)).toEqual(['/app/package.json', '/app/src', '/shared']);
  });

  it.each([
    ['**', 'dist/**', true],
    ['**', 'dist/*.js', true],
    ['src', 'src/gen', true],
    ['src', 'src/*.js', false],
    ['src/**/*.ts', 'src/**/*.js', false],
    ['**', '*.js', false],
    ['src/gen/a.ts', 'src/gen', false],
  ])('of an input %s an output %s is its own: %s', (input, output, expected) => {
    const [one] = fileRules([input], '/app');
    const [other] = fileRules([output], '/app');
    if (one === undefined || other === undefined) throw new Error('no rule');
    expect(isOwnOutput(one, other)).toBe(expected);
  });
});
