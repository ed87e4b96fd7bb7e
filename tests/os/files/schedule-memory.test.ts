/** What is kept about schedules between two supervisors. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scheduleMemoryIn } from '../../../src/os/files/schedule-memory.ts';
import { scratch } from '../../helpers/scratch.ts';

const REMEMBERED = {
  lookedMs: 1_700_000_000_000,
  schedules: { 'report.1': { cron: '0 6 * * *', timeZone: 'UTC' }, 'sync.1': { cron: '* * * * *' } },
};

test('what is written is read, and the latest alone', () => {
  const directory = scratch();
  scheduleMemoryIn(directory).write({ ...REMEMBERED, lookedMs: 1 });
  scheduleMemoryIn(directory).write(REMEMBERED);
  expect(scheduleMemoryIn(directory).read()).toEqual(REMEMBERED);
  expect(readdirSync(directory)).toEqual(['schedules']);
});

test.each([
  ['nothing', undefined, undefined],
  ['half of it', '{"lookedMs":17', undefined],
  ['another value', '[1]', undefined],
  ['no value', 'null', undefined],
  ['no time', '{"schedules":{}}', undefined],
  ['a time that is none', '{"lookedMs":1e999,"schedules":{}}', undefined],
  ['no schedules', '{"lookedMs":1,"schedules":null}', undefined],
  [
    'some that are none',
    '{"lookedMs":1,"schedules":{"a.1":7,"b.1":{"cron":1},"c.1":{"cron":"x","timeZone":1}}}',
    { lookedMs: 1, schedules: {} },
  ],
])('%s in the file is read as such', (_, text, expected) => {
  const directory = scratch();
  if (text !== undefined) writeFileSync(join(directory, 'schedules'), text);
  expect(scheduleMemoryIn(directory).read()).toEqual(expected);
});

test('a directory that is gone is no error', () => {
  expect(() => scheduleMemoryIn(join(scratch(), 'gone')).write(REMEMBERED)).not.toThrow();
});
