import { describe, expect, test } from 'vitest';
import { cronProblem, cronTimes } from '../../src/os/cron.ts';

test.each(['* * * * *', '*/5 0-6 * JAN MON-FRI', '30 0 12 * * *', ' 0 12 * * 7 ', '@daily', '0 0 L * *'])(
  "'%s' is valid",
  (text) => {
    expect(cronProblem(text)).toBeUndefined();
  },
);

test.each([
  ['', 'expected 5 or 6 fields, got 0'],
  ['* * *', 'expected 5 or 6 fields, got 3'],
  ['* * * * * * 2030', 'expected 5 or 6 fields, got 7'],
  ['2030-01-01T00:00:00', 'expected 5 or 6 fields, got 1'],
  ['61 * * * *', 'invalid value for minute: 61'],
  ['0 0 31 2 *', 'it never comes due'],
])("'%s' is not: %s", (text, problem) => {
  expect(cronProblem(text)).toBe(problem);
});

test('a time zone must be known', () => {
  expect(cronProblem('0 12 * * *', 'Europe/Berlin')).toBeUndefined();
  expect(cronProblem('0 12 * * *', 'Europe/Berln')).toBe('unknown time zone');
});

function timesOf(cron: string, timeZone: string, from: string, count: number): readonly string[] {
  const next = cronTimes({ cron, timeZone });
  const times: string[] = [];
  for (let at = next(Date.parse(from)); at !== null && times.length < count; at = next(at))
    times.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  return times;
}

/** From 2 o'clock on, when clocks are put back at 3. In UTC, until 3 o'clock there. */
const timesOfNight = (cron: string): readonly string[] =>
  timesOf(cron, 'Europe/Berlin', '2026-10-24T23:59:00Z', 10)
    .filter((time) => time <= '2026-10-25T03:00Z')
    .map((time) => time.slice(11, 16));

describe('where clocks change', () => {
  test('a time of day is that of the place', () => {
    expect(timesOf('0 12 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
      ...['2026-03-28T11:00Z', '2026-03-29T10:00Z', '2026-03-30T10:00Z'],
    ]);
  });

  test('a time that does not exist comes once on that day', () => {
    const times = timesOf('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2);
    expect(times.map((time) => time.slice(0, 10))).toEqual(['2026-03-29', '2026-03-30']);
  });

  test.each([
    ['30 2 * * *', ['00:30']],
    ['30 2,14 * * *', ['00:30']],
    ['15,45 2 * * *', ['00:15', '00:45']],
    ['0 2-3 * * *', ['00:00', '02:00']],
  ])('a time that comes twice counts once: %s', (cron, expected) => {
    expect(timesOfNight(cron)).toEqual(expected);
  });

  test.each([
    ['0 * * * *', ['00:00', '01:00', '02:00', '03:00']],
    ['0 */2 * * *', ['00:00', '01:00', '03:00']],
    ['*/30 2 * * *', ['00:00', '00:30', '01:00', '01:30']],
  ])('an interval goes on: %s', (cron, expected) => {
    expect(timesOfNight(cron)).toEqual(expected);
  });
});

test('an invalid expression has no times', () => {
  expect(cronTimes({ cron: 'never' })(0)).toBeNull();
});
