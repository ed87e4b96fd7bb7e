import { expect, test } from 'vitest';
import { countCombinations, readOperands } from '../../../src/core/pool/operands.ts';

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
  expect(countCombinations(readOperands(line.split(' '), []).sources)).toBe(count);
});
