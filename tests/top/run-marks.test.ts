import { expect, test } from 'vitest';
import { withAdded } from '../../src/top/run-marks.ts';
import type { LogLine } from '../../src/top/model.ts';

/** `1:a` is a line, `1)` the end of a run, `1(` the beginning of one, `~` lines that were dropped. */
function lines(text: string): readonly LogLine[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word): LogLine => {
      const time = `2026-01-02T03:04:0${word.charAt(0)}.000Z`;
      if (word === '~') return { missed: 1 };
      if (word.endsWith(')')) return { time, mark: { of: 'end', text: word } };
      if (word.endsWith('(')) return { time, mark: { of: 'start', text: word } };
      return { time, text: word };
    });
}
const textOf = (all: readonly LogLine[]): string =>
  all.map(({ text, mark }) => text ?? mark?.text ?? '~').join(' ');

test.each([
  ['lines only', '1:a', '2:b', '1:a 2:b'],
  ['lines keep their order, whatever their times', '3:a', '2:b 1:c', '3:a 2:b 1:c'],
  ['marks before any line', '', '1( 2)', '1( 2)'],
  ['lines after marks that came first', '1( 3) 4(', '1:a 2:b 4:c', '1( 1:a 2:b 3) 4( 4:c'],
  ['marks after lines that came first', '1:a 2:b 4:c', '1( 3) 4(', '1( 1:a 2:b 3) 4( 4:c'],
  ['a run ends after the lines of its time', '2:a 2:b', '2)', '2:a 2:b 2)'],
  ['a run begins before the lines of its time', '2:a 2:b', '2(', '2( 2:a 2:b'],
  ['an end and a beginning at the same time', '2:a', '2) 2(', '2:a 2) 2('],
  ['nothing is put before dropped lines', '1:a ~ 5:b', '3)', '1:a ~ 3) 5:b'],
  ['a late line before a mark that is newer', '1:a 4)', '3:b', '1:a 3:b 4)'],
])('%s', (_what, before, added, expected) => {
  expect(textOf(withAdded(lines(before), lines(added)))).toBe(expected);
});
