import { describe, expect, test } from 'vitest';
import type { Awaited, StageProgress } from '../../src/core/pipeline/progress.ts';
import { cellWidth } from '../../src/text/cell-width.ts';
import { plainTheme } from '../../src/ui/paint.ts';
import { progressLine, stageName } from '../../src/ui/stages-progress.ts';
import { createTheme } from '../../src/ui/theme.ts';

const MIB = 1024 * 1024;
const moves = (rate: number, total: number): StageProgress => ({
  hasEnded: false,
  bytes: total * MIB,
  bytesPerSecond: rate * MIB,
});
const three = [moves(12, 120), moves(3, 30), moves(3, 29)];
const names = ['seq', 'gzip', 'cat'];

const line = (awaited: Awaited, columns = 200, stages: readonly StageProgress[] = three): string =>
  progressLine(names, { stages, awaited }, plainTheme, columns);

test('the line has what each stage moves, and marks what the others wait for', () => {
  expect(line(1)).toBe('seq 12.0M/s 120M | *gzip 3.00M/s 30.0M | cat 3.00M/s 29.0M');
  expect(line(null)).toBe('seq 12.0M/s 120M | gzip 3.00M/s 30.0M | cat 3.00M/s 29.0M');
  expect(line('stdin')).toBe('*stdin | seq 12.0M/s 120M | gzip 3.00M/s 30.0M | cat 3.00M/s 29.0M');
  expect(line('stdout')).toBe('seq 12.0M/s 120M | gzip 3.00M/s 30.0M | cat 3.00M/s 29.0M | *stdout');
});

test('one that has ended has a total only; one of which nothing is known its name', () => {
  const ended = { hasEnded: true, bytes: MIB, bytesPerSecond: null };
  const unknown = { hasEnded: false, bytes: null, bytesPerSecond: null };
  expect(line(2, 200, [ended, unknown, moves(1, 1)])).toBe('seq 1.00M | gzip | *cat 1.00M/s 1.00M');
});

test('narrower, it leaves out the totals, and is then cut around the marked one', () => {
  expect(line(1, 50)).toBe('seq 12.0M/s | *gzip 3.00M/s | cat 3.00M/s');
  expect(line(1, 30)).toBe('seq 12.0M/s | *gzip 3.00M/s |…');
  expect(line(1, 20)).toBe('… | *gzip 3.00M/s |…');
  expect(line('stdout', 20)).toBe('… | *stdout');
  expect(line('stdin', 20)).toBe('*stdin | seq 12.0M/…');
  for (let columns = 0; columns < 80; columns += 1) {
    for (const awaited of [null, 0, 1, 2, 'stdin', 'stdout'] as const) {
      expect(cellWidth(line(awaited, columns))).toBeLessThanOrEqual(columns);
    }
  }
});

test('in colour the marked one stands out, and what has ended is pale', () => {
  const stages = [{ hasEnded: true, bytes: 3, bytesPerSecond: null }, moves(1, 1), moves(1, 1)];
  const text = progressLine(names, { stages, awaited: 1 }, createTheme(true), 200);
  expect(text).toContain('\u001b[33m*gzip\u001b[39m');
  expect(text).toContain('\u001b[2mseq 3B\u001b[22m');
});

describe('the short name of a stage', () => {
  test.each([
    ['gzip', 'gzip -9 > out', ['gzip', '-9']],
    ['node', '/usr/bin/node x', ['/usr/bin/node', 'x']],
    ['two words', `'/a/two words'`, ['/a/two words']],
    ['while', 'while read x; do :; done', []],
    ['cat', '(cat; cat)', []],
    ['cat', '{ cat; }', []],
    ['/', '/', ['/']],
    ['a-very-long-nam…', 'a-very-long-name-of-a-program', ['a-very-long-name-of-a-program']],
    ['␛[31m', '\u001b[31m', ['\u001b[31m']],
  ])('%s', (name, text, words) => {
    expect(stageName(text, words)).toBe(name);
  });
});
