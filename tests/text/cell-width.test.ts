import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellWidth, cutToCells, padToCells, wrapCells } from '../../src/text/cell-width.ts';

const RED = '\x1b[31m';
const RESET = '\x1b[0m';

test.each([
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['漢字', 4],
  ['한글', 4],
  ['ｗｉｄｅ', 8],
  ['🚀✅', 4],
  ['⚙', 1],
  ['⚙\ufe0f', 2],
  ['🇩🇪', 2],
  ['a\u200db', 2],
  [`${RED}ab${RESET}`, 2],
  ['\x1b[38;5;196mx', 1],
  ['▁█─…', 4],
])('%j takes %i cells', (text, width) => {
  expect(cellWidth(text)).toBe(width);
});

test.each([
  ['abc', 3, '', 'abc'],
  ['abcd', 3, '', 'abc'],
  ['abcd', 3, '…', 'ab…'],
  ['漢字', 3, '', '漢'],
  ['漢字', 3, '…', '漢…'],
  ['漢字', 2, '…', '…'],
  ['e\u0301e\u0301', 1, '', 'e\u0301'],
  ['abc', 0, '…', ''],
  [`${RED}abc${RESET}`, 3, '…', `${RED}abc${RESET}`],
  [`${RED}abcd${RESET}`, 3, '…', `${RED}ab${RESET}…`],
  [`ab${RED}cd`, 1, '', 'a'],
])('%j cut to %i cells with %j: %j', (text, width, mark, cut) => {
  expect(cutToCells(text, width, mark)).toBe(cut);
});

test.each([
  ['', 3, ['']],
  ['abcdefg', 3, ['abc', 'def', 'g']],
  ['abcdef', 3, ['abc', 'def']],
  ['a漢字', 2, ['a', '漢', '字']],
  [`a${RED}bcd${RESET}ef`, 2, [`a${RED}b${RESET}`, `${RED}cd${RESET}${RESET}`, 'ef']],
])('%j wrapped to %i: %j', (text, width, pieces) => {
  expect(wrapCells(text, width)).toEqual(pieces);
});

test('pads by cells', () => {
  expect(padToCells('漢', 4)).toBe('漢  ');
  expect(padToCells('漢', 4, 'right')).toBe('  漢');
  expect(padToCells('abc', 2)).toBe('abc');
});

describe('whatever the text', () => {
  const token = fc.constantFrom(
    'a',
    ' ',
    'é',
    '漢',
    '🚀',
    'e\u0301',
    RED,
    RESET,
    '\x1b[1;32m',
    '⚙\ufe0f',
    '\u200d',
  );
  const text = fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(''));
  const width = fc.integer({ min: 2, max: 20 });

  test('cut it fits, and leaves no colour open', () => {
    fc.assert(
      fc.property(text, width, fc.constantFrom('', '…'), (one, cells, mark) => {
        const cut = cutToCells(one, cells, mark);
        expect(cellWidth(cut)).toBeLessThanOrEqual(cells);
        if (cut !== one && cut.includes('\x1b')) expect(cut.endsWith(RESET + mark)).toBe(true);
      }),
    );
  });

  test('wrapped each piece fits, and nothing is lost', () => {
    fc.assert(
      fc.property(text, width, (one, cells) => {
        const pieces = wrapCells(one, cells);
        for (const piece of pieces) expect(cellWidth(piece)).toBeLessThanOrEqual(cells);
        const bare = (coloured: string): string => coloured.replace(/\x1b\[[\d;]*m/g, '');
        expect(bare(pieces.join(''))).toBe(bare(one));
      }),
    );
  });
});

test('a long colour is not repeated in each piece', () => {
  const colour = `\x1b[${'0;'.repeat(10_000)}31m`;
  const pieces = wrapCells(`${colour}${'x'.repeat(10_000)}`, 2);
  expect(pieces.join('').length).toBeLessThan(100_000);
});
