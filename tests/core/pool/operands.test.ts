import { expect, test } from 'vitest';
import { countJobs, readOperands } from '../../../src/core/pool/operands.ts';

const PLAIN = { links: false, skipsEmpty: false, records: null, fill: false };

test.each([
  ['echo ::: a b c', 3],
  ['echo ::: a b c ::: d e', 6],
  ['echo ::: a b c :::+ d e ::: f g', 4],
  ['echo ::: a :::+ b c ::: d e :::+ f', 1],
  ['echo ::: a b :::', 0],
  ['echo :::: file', null],
  ['echo ::: a b :::: file', null],
  ['echo', null],
])('%s', (line, count) => {
  expect(countJobs(readOperands(line.split(' '), []).sources, PLAIN)).toBe(count);
});

test.each([
  ['echo ::: a b c ::: d e', { links: true }, 3],
  ['echo ::: a b c :::', { links: true }, 0],
  ['echo ::: a b c :::: file', { links: true }, null],
  ['echo ::: a b c d e', { records: 2 }, 3],
  ['echo ::: a b c', { records: 0 }, 3],
  ['echo ::: a b c', { skipsEmpty: true }, null],
  ['echo ::: a b c', { fill: true }, null],
])('%s with %j', (line, part, count) => {
  expect(countJobs(readOperands(line.split(' '), []).sources, { ...PLAIN, ...part })).toBe(count);
});
