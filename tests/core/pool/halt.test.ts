import { expect, test } from 'vitest';
import { isReached, poolStatus } from '../../../src/core/pool/halt.ts';
import { newMedian } from '../../../src/core/pool/median.ts';
import type { Halt } from '../../../src/core/pool/pool-spec.ts';

const halt = (on: Halt['on'], limit: Halt['limit']): Halt => ({ when: 'soon', on, limit });
const counts = (done: number, failed: number) => ({ done, failed, notDone: 0 });

test.each([
  ['fail', { jobs: 2 }, 5, 1, true, false],
  ['fail', { jobs: 2 }, 5, 2, true, true],
  ['fail', { jobs: 2 }, 6, 2, false, false],
  ['success', { jobs: 1 }, 4, 3, false, true],
  ['success', { jobs: 1 }, 4, 4, true, false],
  ['done', { jobs: 3 }, 3, 1, true, true],
  ['fail', { share: 0.3 }, 1, 1, true, false],
  ['fail', { share: 0.3 }, 2, 2, true, false],
  ['fail', { share: 0.3 }, 3, 1, true, true],
  ['fail', { share: 0.3 }, 4, 1, true, false],
  ['fail', { share: 0.1, of: 20 }, 2, 2, true, true],
  ['fail', { share: 0.1, of: 20 }, 9, 1, true, false],
  ['fail', { share: 0.07, of: 100 }, 7, 7, true, true],
  ['fail', { share: 0.07, of: 100 }, 50, 6, true, false],
  ['done', { share: 0.1, of: 20 }, 2, 0, false, true],
  ['success', { share: 0.1, of: 20 }, 3, 1, false, true],
  ['fail', { share: 0.4, of: 3 }, 1, 1, true, false],
  ['fail', { share: 0.4, of: 3 }, 2, 2, true, true],
] as const)(
  '%s %j after %i jobs, %i of them failed (the last one: %s): %s',
  (on, limit, done, failed, last, is) => {
    expect(isReached(halt(on, limit), counts(done, failed), last)).toBe(is);
  },
);

test.each([
  ['no halt', null, null, 3, 3],
  ['more than 100 failed', null, null, 250, 101],
  ['a halt that was not reached', halt('fail', { jobs: 5 }), null, 2, 2],
  ['the first failure', halt('fail', { jobs: 1 }), { done: 9, failed: 1, status: 7 }, 1, 7],
  ['the second failure', halt('fail', { jobs: 2 }), { done: 9, failed: 2, status: 7 }, 3, 2],
  ['a share of failures', halt('fail', { share: 0.3 }), { done: 6, failed: 2, status: 7 }, 2, 34],
  ['a share of all jobs', halt('fail', { share: 0.1, of: 20 }), { done: 9, failed: 2, status: 7 }, 2, 10],
  ['a share that is one job', halt('fail', { share: 0.05, of: 20 }), { done: 3, failed: 1, status: 7 }, 1, 7],
  ['a share of ends', halt('done', { share: 0.1, of: 20 }), { done: 2, failed: 1, status: 7 }, 1, 5],
  ['a share of successes', halt('success', { share: 0.1, of: 20 }), { done: 3, failed: 1, status: 0 }, 1, 0],
  ['a share that was not reached', halt('fail', { share: 0.5, of: 300 }), null, 10, 4],
  ['a success', halt('success', { jobs: 1 }), { done: 6, failed: 5, status: 0 }, 5, 0],
] as const)('the status after %s is that of GNU parallel', (_, rule, halted, failed, status) => {
  expect(poolStatus(rule, halted, counts(300, failed))).toBe(status);
});

test('the median of run times is known from the third on, and follows the latest ones', () => {
  const median = newMedian();
  median.add(10);
  median.add(30);
  expect(median.value).toBeUndefined();
  median.add(20);
  expect(median.value).toBe(20);
  for (let count = 0; count < 2000; count += 1) median.add(500);
  expect(median.value).toBe(500);
});
