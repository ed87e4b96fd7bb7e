import { expect, test } from 'vitest';
import { olderThan, type PidCount } from '../../src/core/pid-order.ts';

const LARGEST = 32_768;
const BEFORE: PidCount = { newest: 5000, made: 70_000, existing: 200 };
const later = (newest: number, made: number, existing = 200): PidCount => ({
  ...{ newest, made: BEFORE.made + made, existing },
});

test('what was handed out between two moments is younger, all else older', () => {
  const isOlder = olderThan(BEFORE, later(5010, 10), LARGEST);
  expect([1, 300, 4999, 5000, 5001, 5010, 5011, 32_000].map((pid) => isOlder?.(pid))).toEqual([
    ...[true, true, true, true],
    ...[false, false],
    ...[true, true],
  ]);
});

test('in another pid namespace fewer pids are handed out than processes made', () => {
  expect(olderThan(BEFORE, later(5001, 4000), LARGEST)?.(5001)).toBe(false);
});

test('nothing is told', () => {
  const cases: Record<string, [PidCount, largest?: number]> = {
    'after a round': [later(4000, 31_000)],
    'after a round that ended above': [later(5010, 32_478)],
    'of forks that failed, which took pids': [later(5011, 10)],
    'of counts that stand still': [later(5010, 0)],
    'where many pids are passed over': [later(5010, 10, 8200)],
    'of a number that is none': [later(5010, 10), Number.NaN],
  };
  for (const [why, [now, largest = LARGEST]] of Object.entries(cases))
    expect(olderThan(BEFORE, now, largest), why).toBeUndefined();
});

/** Hands out pids as alloc_pid() does, with rounds, processes that end, and forks that fail. */
test('never a younger one is taken for older, in 300 histories', () => {
  let state = 7;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  let told = 0;
  for (let history = 0; history < 300; history += 1) {
    const largest = 600 + random(2000);
    const living = new Map<number, number>();
    let [newest, made] = [299 + random(largest - 300), 0];
    const fork = (): void => {
      do newest = newest + 1 >= largest ? 300 : newest + 1;
      while (living.has(newest));
      if (random(400) === 0) return;
      made += 1;
      living.set(newest, made);
    };
    const live = (steps: number): void => {
      for (let step = 0; step < steps; step += 1) {
        if (living.size > 40 || random(3) === 0) living.delete([...living.keys()][random(living.size)] ?? 0);
        else fork();
      }
    };
    const count = (): PidCount => ({ newest, made, existing: living.size });
    live(random(300));
    const before = count();
    live(random(random(2) === 0 ? 6000 : 200));
    const isOlder = olderThan(before, count(), largest);
    if (isOlder === undefined) continue;
    told += 1;
    for (const [pid, number] of living) expect(isOlder(pid)).toBe(number <= before.made);
  }
  expect(told).toBeGreaterThan(100);
});
