/** What is started when, whatever the clock on the wall does. */
import { describe, expect, test } from 'vitest';
import {
  beginSchedule,
  lookAtSchedule,
  MOST_COUNTED,
  type Look,
  type NextTime,
  type Schedule,
} from '../../../src/core/schedule/schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const every =
  (ms: number): NextTime =>
  (afterMs) =>
    (Math.floor(afterMs / ms) + 1) * ms;
const HOURLY = every(HOUR);

function looks(next: NextTime, begun: Schedule, steps: readonly (readonly [number, Partial<Look>?])[]) {
  let schedule = begun;
  return steps.map(([nowMs, some]) => {
    const look = { nowMs, isAlive: false, overlap: 'skip', ...some } as const;
    const { schedule: after, effects } = lookAtSchedule(schedule, next, look);
    schedule = after;
    const told = effects.map((effect) => {
      if (effect.type === 'miss') return `miss ${String(effect.count)} from ${String(effect.firstMs / HOUR)}`;
      return `${effect.type} ${String(effect.dueMs / HOUR)}`;
    });
    return told.join(', ');
  });
}

const hourly = (...steps: readonly (readonly [number, Partial<Look>?])[]) =>
  looks(HOURLY, beginSchedule(HOURLY, HOUR / 2), steps);
const alive = { isAlive: true };

describe('a time that comes', () => {
  test('starts it, once', () => {
    expect(hourly([HOUR - 1], [HOUR], [HOUR + 1], [2 * HOUR + 5 * SECOND])).toEqual([
      ...['', 'start 1', '', 'start 2'],
    ]);
  });

  test('is left out while it runs', () => {
    expect(hourly([HOUR, alive], [HOUR + 1], [2 * HOUR])).toEqual(['skip 1', '', 'start 2']);
  });

  test('waits for its end: one at most', () => {
    const queue = { overlap: 'queue' } as const;
    const busy = { ...queue, ...alive };
    expect(
      hourly([HOUR, busy], [2 * HOUR, busy], [2.5 * HOUR, queue], [2.6 * HOUR, queue], [3 * HOUR, queue]),
    ).toEqual(['queue 1', 'skip 2', 'start 2.5', '', 'start 3']);
  });

  test('that meets one which waits, and has just ended, starts it once', () => {
    const queue = { overlap: 'queue' } as const;
    expect(hourly([HOUR, { ...queue, ...alive }], [2 * HOUR, queue], [2 * HOUR + 1, queue])).toEqual([
      ...['queue 1', 'start 2', ''],
    ]);
  });

  test('replaces what runs', () => {
    const replace = { overlap: 'replace' } as const;
    expect(hourly([HOUR, { ...replace, ...alive }], [2 * HOUR, replace])).toEqual(['replace 1', 'start 2']);
  });
});

describe('a time that has passed', () => {
  test('is told once, and not caught up', () => {
    expect(hourly([HOUR + 11 * SECOND], [HOUR + 12 * SECOND], [2 * HOUR])).toEqual([
      ...['miss 1 from 1', '', 'start 2'],
    ]);
  });

  test('is told with those after it, and the one that has just come counts', () => {
    expect(hourly([5 * HOUR + SECOND])).toEqual(['miss 4 from 1, start 5']);
    expect(hourly([5 * HOUR + SECOND, alive])).toEqual(['miss 4 from 1, skip 5']);
  });

  test('frees the one that waits', () => {
    const queue = { overlap: 'queue' } as const;
    expect(hourly([HOUR, { ...queue, ...alive }], [2.5 * HOUR, queue])).toEqual([
      ...['queue 1', 'miss 1 from 2, start 2.5'],
    ]);
  });

  test.each([
    ['so many that nobody counts them', 400 * 24 * HOUR, MOST_COUNTED],
    ['exactly as many as are counted', MOST_COUNTED * SECOND + 10 * SECOND, MOST_COUNTED],
    ['one fewer', (MOST_COUNTED - 1) * SECOND + 10 * SECOND, MOST_COUNTED],
    ['a few', 15 * SECOND, 14],
  ])('is counted: %s', (_, nowMs, count) => {
    const secondly = every(SECOND);
    const { effects, schedule } = lookAtSchedule(beginSchedule(secondly, 0), secondly, {
      ...{ nowMs, isAlive: false, overlap: 'skip' },
    });
    expect(effects).toEqual([
      { type: 'miss', firstMs: SECOND, count },
      { type: 'start', dueMs: nowMs },
    ]);
    expect(schedule.dueMs).toBe(nowMs + SECOND);
  });
});

describe('a clock that goes back', () => {
  test('brings no time twice', () => {
    expect(hourly([HOUR], [HOUR / 2], [HOUR], [2 * HOUR])).toEqual(['start 1', '', '', 'start 2']);
  });

  test('was wrong before if it is far: times count from then on', () => {
    const next = hourly([10 * HOUR], [5.5 * HOUR], [6 * HOUR], [7 * HOUR]);
    expect(next).toEqual(['miss 9 from 1, start 10', '', 'start 6', 'start 7']);
  });

  test('in many small steps is measured from the latest moment', () => {
    expect(hourly([10 * HOUR], [8 * HOUR], [6.5 * HOUR], [7 * HOUR])).toEqual([
      ...['miss 9 from 1, start 10', '', '', 'start 7'],
    ]);
  });
});

test('an expression that never comes due again starts nothing', () => {
  const once: NextTime = (afterMs) => (afterMs < HOUR ? HOUR : null);
  expect(looks(once, beginSchedule(once, 0), [[HOUR], [2 * HOUR], [100 * HOUR]])).toEqual([
    'start 1',
    '',
    '',
  ]);
});
