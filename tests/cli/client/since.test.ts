import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sinceOf } from '../../../src/cli/client/since.ts';
import { readSettings } from '../../../src/cli/read-settings.ts';

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);

beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers().unstubAllEnvs());

function read(since: string) {
  const settings = readSettings({ since }, {});
  return { value: sinceOf(settings), problems: settings.problems };
}

test.each([
  ['10m', NOW - 600_000],
  ['1h30m', NOW - 5_400_000],
  ['0', NOW],
  ['1.5ms', NOW - 2],
  ['2026-01-30T12:00', new Date(2026, 0, 30, 12, 0).getTime()],
  ['2026-01-30 12:00:01', new Date(2026, 0, 30, 12, 0, 1).getTime()],
  ['2026-01-30', new Date(2026, 0, 30).getTime()],
  ['2026-01-30T12:00Z', Date.UTC(2026, 0, 30, 12, 0)],
  ['1960-01-01', 0],
])('%s', (text, moment) => {
  expect(read(text)).toEqual({ value: moment, problems: [] });
});

test.each(['', 'yesterday', '30.1.2026', '2026-13-01', '2026-01-30T25:00', '-5m'])(
  '%j is neither',
  (text) => {
    const { value, problems } = read(text);
    expect(value).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.severity).toBe('error');
  },
);

test('a day is a day here', () => {
  vi.stubEnv('TZ', 'America/New_York');
  expect(read('2026-01-30').value).toBe(Date.UTC(2026, 0, 30, 5));
});
