import { describe, expect, test } from 'vitest';
import { hasRunLimit, instanceNumberIn, launchLimitOf, runLimitOf } from '../../src/core/run-limit.ts';
import { runTagOf } from '../../src/core/run-tag.ts';

const NOW = Date.UTC(2026, 0, 1);
const TAG = runTagOf(4711, NOW, 0.5);
const NAMES = ['web.1', 'web.10', 'ingest/parse'];
const numberOf = (name: string) => (NAMES.includes(name) ? NAMES.indexOf(name) + 1 : undefined);

const belongs = (launched: string, to: string): boolean => {
  const [limit, wanted] = [launchLimitOf(launched, numberOf), runLimitOf(to, numberOf)];
  return limit !== undefined && wanted !== undefined && hasRunLimit(limit, wanted);
};

test('a launch has a number below 2^63 with the pid at its beginning, whatever the pid', () => {
  for (const pid of [1, 4711, 2 ** 22]) {
    const limit = launchLimitOf(`${runTagOf(pid, NOW, 0.999)}web.1:999:`, numberOf) ?? '';
    expect(limit).toMatch(new RegExp(`^${String(pid)}\\d{5}0001999$`));
    expect(BigInt(limit)).toBeLessThan(2n ** 63n);
  }
});

describe('a launch is found by', () => {
  const run = `${TAG}web.1:1:`;
  test.each([
    ['its run', run],
    ['its instance', `${TAG}web.1:`],
    ['its supervisor', TAG],
  ])('%s', (_what, wanted) => expect(belongs(run, wanted)).toBe(true));

  test.each([
    ['another run', `${TAG}web.1:10:`],
    ['another instance', `${TAG}web.10:1:`],
    ['another supervisor', runTagOf(4712, NOW, 0.5)],
    ['one with fewer digits', runTagOf(471, NOW, 0.5)],
    ['one with more digits', runTagOf(47_110, NOW, 0.5)],
    ['a later one with the same pid', runTagOf(4711, NOW + 1, 0.5)],
    ['an instance without a number', `${TAG}none.1:1:`],
  ])('but not by %s', (_what, wanted) => expect(belongs(run, wanted)).toBe(false));
});

test('what has no number of its own is of its supervisor only', () => {
  const limit = launchLimitOf(`${TAG}none.1:1:`, numberOf) ?? '';
  expect(limit).toBe(launchLimitOf(TAG));
  expect(instanceNumberIn(limit)).toBe(0);
  const tooMany = launchLimitOf(`${TAG}web.1:1:`, () => 10_000) ?? '';
  expect(tooMany).toBe(limit);
  expect(runLimitOf(`${TAG}web.1:1:`, () => 10_000)).toBeUndefined();
  expect(instanceNumberIn(launchLimitOf(`${TAG}web.10:1:`, numberOf) ?? '')).toBe(2);
});

test.each([
  '',
  ':',
  'M:',
  '3mv-abcdefgh-1',
  'test-4711-1:',
  '0-abcdefgh-1:',
  'zzzzzz-abcdefgh-1:',
  `${TAG}web.1:1:${TAG}`,
  `${TAG}:`,
  '.*-abcdefgh-1:',
  `\n${TAG}`,
])('what is no run tag has no number, and finds nothing: %j', (text) => {
  expect(runLimitOf(text, numberOf)).toBeUndefined();
  if (!text.startsWith(TAG)) expect(launchLimitOf(text, numberOf)).toBeUndefined();
});

test.each(['', 'unlimited', '0', '1024', '9223372036854775807'])(
  'an ordinary limit is of nobody: %j',
  (limit) => {
    expect(hasRunLimit(limit, runLimitOf(TAG, numberOf) ?? { digits: '', open: 0 })).toBe(false);
  },
);
