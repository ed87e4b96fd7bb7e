import { expect, test } from 'vitest';
import { poolBar } from '../../src/ui/pool-bar.ts';

const AT = { done: 25, failed: 0, total: 100, elapsedMs: 3000 };

test.each([
  [AT, 80, '[#####---------------] 25/100, 8.3/s, 9s left'],
  [{ ...AT, failed: 2 }, 80, '[#####---------------] 25/100, 2 failed, 8.3/s, 9s left'],
  [{ ...AT, total: null }, 80, '25 done, 8.3/s'],
  [{ ...AT, done: 0 }, 80, '[--------------------] 0/100, 0.0/s'],
  [{ ...AT, done: 100 }, 80, '[####################] 100/100, 33.3/s, 0s left'],
  [
    { ...AT, done: 1_000_000, total: 2_000_000 },
    80,
    '[##########----------] 1000000/2000000, 333333/s, 3s left',
  ],
  [AT, 40, '25/100, 8.3/s, 9s left'],
  [AT, 10, '25/100, 8.'],
])('%j in %i columns', (progress, columns, text) => {
  expect(poolBar(progress, columns)).toBe(text);
});
