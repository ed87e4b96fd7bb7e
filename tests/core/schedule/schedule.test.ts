/** What is started when, whatever the clock on the wall does. */
import { describe, expect, test } from 'vitest';
import {
  beginSchedule,
  lookAtSchedule,
  MOST_COUNTED,
  timesMissed,
  type Look,
  type NextTime,
  type Schedule,
} from '../../../src/core/schedule/schedule.ts';
import { cronTimes } from '../../../src/os/cron.ts';

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

describe('times that came while procsup was not running', () => {
  const BERLIN = 'Europe/Berlin';
  test.each([
    ['none', '0 6 * * *', 'UTC', '2026-01-01T06:00:00.400Z', '2026-01-02T05:59:59.999Z', undefined],
    [
      'the end of the span is one',
      '0 6 * * *',
      'UTC',
      '2026-01-01T06:00:00Z',
      '2026-01-02T06:00:00Z',
      [1, '02T06:00', '02T06:00'],
    ],
    [
      'several',
      '0 6 * * *',
      'UTC',
      '2026-01-01T05:00:00Z',
      '2026-01-04T05:00:00Z',
      [3, '01T06:00', '03T06:00'],
    ],
    ['the clock was put back', '* * * * *', 'UTC', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', undefined],
    [
      'it was put back by less than was missed',
      '0 6 * * *',
      'UTC',
      '2026-01-01T07:00:00Z',
      '2026-01-02T07:00:00Z',
      [1, '02T06:00', '02T06:00'],
    ],
    [
      'it never comes due again',
      '0 0 31 2 *',
      'UTC',
      '2026-01-01T00:00:00Z',
      '2027-01-01T00:00:00Z',
      undefined,
    ],
    // 02:30 does not exist on March 29, and is the first moment after the gap.
    [
      'summer time begins',
      '30 2 * * *',
      BERLIN,
      '2026-03-28T00:00:00Z',
      '2026-03-31T00:00:00Z',
      [3, '28T01:30', '30T00:30'],
    ],
    [
      'summer time begins, in the gap',
      '30 2 * * *',
      BERLIN,
      '2026-03-29T00:00:00Z',
      '2026-03-29T12:00:00Z',
      [1, '29T01:00', '29T01:00'],
    ],
    // 02:30 comes twice on October 25.
    [
      'summer time ends',
      '30 2 * * *',
      BERLIN,
      '2026-10-24T12:00:00Z',
      '2026-10-25T12:00:00Z',
      [1, '25T00:30', '25T00:30'],
    ],
    [
      'summer time ends, in the repeated hour',
      '30 2 * * *',
      BERLIN,
      '2026-10-25T00:45:00Z',
      '2026-10-26T12:00:00Z',
      [1, '26T01:30', '26T01:30'],
    ],
  ] as const)('%s', (_, cron, timeZone, since, now, expected) => {
    const missed = timesMissed(cronTimes({ cron, timeZone }), Date.parse(since), Date.parse(now));
    const at = (ms: number): string => new Date(ms).toISOString().slice(8, 16);
    expect(missed && [missed.count, at(missed.firstMs), at(missed.lastMs)]).toEqual(expected);
  });

  test('years of seconds are not counted, and the last is known all the same', () => {
    const nowMs = 3 * 365 * 24 * HOUR + 499;
    expect(timesMissed(every(SECOND), 0, nowMs)).toEqual({
      ...{ firstMs: SECOND, lastMs: nowMs - 499, count: MOST_COUNTED },
    });
    let asked = 0;
    const counting: NextTime = (afterMs) => ((asked += 1), every(SECOND)(afterMs));
    timesMissed(counting, 0, nowMs);
    expect(asked).toBeLessThan(MOST_COUNTED + 100);
  });
});
