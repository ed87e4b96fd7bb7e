import { expect, test } from 'vitest';
import { expandCounts } from '../../../src/core/plan/expand-counts.ts';

const PROCESSES = ['web', 'worker', 'work-2', 'clock'];

test.each([
  [{ web: 3 }, { web: 3 }, []],
  [{ 'work*': 2 }, { worker: 2, 'work-2': 2 }, []],
  [{ 'wo?ker': 2 }, { worker: 2 }, []],
  [{ '*': 0 }, { web: 0, worker: 0, 'work-2': 0, clock: 0 }, []],
  [{ worker: 1, '*': 0 }, { web: 0, worker: 1, 'work-2': 0, clock: 0 }, []],
  [{ '*': 0, 'w*': 4 }, { web: 4, worker: 4, 'work-2': 4, clock: 0 }, []],
  [{ 'x*': 2, web: 1 }, { web: 1 }, ['x*']],
  [{ wbe: 2 }, { wbe: 2 }, []],
])('%j', (given, counts, unmatched) => {
  expect(expandCounts(given as Record<string, number>, PROCESSES)).toEqual({ counts, unmatched });
});
