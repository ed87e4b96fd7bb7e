import { describe, expect, test } from 'vitest';
import { valueOfBytes } from '../../../src/core/pool/quote-value.ts';
import { resultsPath } from '../../../src/core/pool/results-path.ts';

describe('the place of results', () => {
  // The first ones are those of GNU parallel 20221122.
  test.each([
    [['a'], '1/a'],
    [['a', 'b'], '1/a/2/b'],
    [['a/b', 'q r'], String.raw`1/a\_b/2/q r`],
    [['\\', 't\tb'], String.raw`1/\\/2/t\tb`],
    [['\n'], '1/\n'],
    [['a\\_b'], String.raw`1/a\\_b`],
    [[''], String.raw`1/\e`],
    [['\\e'], String.raw`1/\\e`],
    [['.', '..', '...'], String.raw`1/\./2/\.\./3/...`],
    [['/'], String.raw`1/\_`],
  ])('of %j is %s', (values, path) => {
    expect(resultsPath(values, Infinity)).toBe(path);
  });

  test('values of each record are numbered from 1', () => {
    expect(resultsPath(['a', 'b', 'c', 'd'], 2)).toBe('1/a/2/b/1/c/2/d');
  });

  test.each([
    ['x'.repeat(255), 'x'.repeat(255)],
    ['x'.repeat(256), /^x{238}-[\da-f]{16}$/],
    // Two bytes each, and none is cut.
    ['ä'.repeat(128), /^ä{119}-[\da-f]{16}$/],
    ['/'.repeat(128), /^(\\_){119}-[\da-f]{16}$/],
  ])('a name that is too long is shortened: %s', (value, name) => {
    expect(resultsPath([value], 1).slice(2)).toMatch(name);
  });

  test('long values with the same beginning are kept apart', () => {
    const values = Array.from({ length: 2000 }, (_, at) => `${'x'.repeat(300)}${String(at)}`);
    const paths = values.map((value) => resultsPath([value], 1));
    expect(new Set(paths).size).toBe(values.length);
    expect(resultsPath([values[0] ?? ''], 1)).toBe(paths[0]);
  });

  test('bytes that are not UTF-8 count as one', () => {
    const value = valueOfBytes(Buffer.alloc(255, 0xff));
    expect(resultsPath([value], 1)).toBe(`1/${value}`);
  });
});
