import { describe, expect, test } from 'vitest';
import { parsePipeline } from '../../../src/core/pipeline/parse.ts';
import { DEEPEST_EXPANSION, scanPipeline } from '../../../src/core/shell/scan.ts';

/** No arithmetic, which only its end tells, at each level. */
const NESTED: readonly (readonly [what: string, open: string, close: string])[] = [
  ['commands that begin as arithmetic does', '$((', ') )'],
  ['the same in double quotes', '"$((', ') )"'],
  ['arithmetic', '$((1+', '))'],
  ['commands', '$(', ')'],
  ['parameters', '${a:-', '}'],
];

const nested = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}x${close.repeat(levels)}`;

function piecesIn(text: string): number {
  let pieces = 0;
  const { failure } = scanPipeline(text, () => (pieces += 1));
  expect(failure).toBeUndefined();
  return pieces;
}

describe.each(NESTED)('%s', (_what, open, close) => {
  test('work grows with the depth and no faster', () => {
    const work = piecesIn(nested(open, close, 8));
    expect(piecesIn(nested(open, close, 16))).toBeLessThanOrEqual(3 * work);
    expect(piecesIn(nested(open, close, 96))).toBeLessThanOrEqual(20 * work);
  });

  test('may be so deep, and no deeper', () => {
    expect(scanPipeline(nested(open, close, DEEPEST_EXPANSION)).failure).toBeUndefined();
    const at = (DEEPEST_EXPANSION + 1) * open.length - open.length + open.indexOf('$');
    expect(scanPipeline(nested(open, close, DEEPEST_EXPANSION + 1)).failure).toMatchObject({
      why: 'deep',
      at,
    });
  });
});

test.each(['$(', '$((', '${a', '"$(', '"${a:-'])('%s very many times is a problem with its place', (open) => {
  const { problems } = parsePipeline(open.repeat(20_000), 'pipe');
  expect(problems).toMatchObject([
    { code: 'pipe-deep', message: 'expansions are nested more than 100 deep', place: { line: 1 } },
  ]);
  expect(problems[0]?.remedy).toContain('script');
});
