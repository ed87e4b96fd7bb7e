import { expect, test } from 'vitest';
import { lastEnd } from '../../../src/cli/client/last-words.ts';
import { instancesIn, isAbout } from '../../../src/cli/client/past-events.ts';

test.each([
  ['web.1 started (pid 42)', ['web.1']],
  ['ingest/parse exited with status 3', ['ingest/parse']],
  ['stop requested: web.1, web.2 (by `procsup stop worker.1`, pid 41)', ['web.1', 'web.2']],
  ['SIGTERM: stopping', []],
  ['down requested: stopping (by `procsup down`, pid 7)', []],
])('%j names %j', (text, names) => {
  expect(instancesIn(text)).toEqual(names);
});

test('an event is about the instances that it names, and about all if it names none', () => {
  const one = { time: '', text: 'web.1 exited with status 3' };
  const all = { time: '', text: 'SIGTERM: stopping' };
  for (const names of [[], ['web'], ['web.1'], ['w*']]) expect(isAbout(one, names)).toBe(true);
  for (const names of [['worker'], ['web.2'], ['x*']]) expect(isAbout(one, names)).toBe(false);
  expect(isAbout(all, ['worker'])).toBe(true);
});

const at = (second: number, text: string) => ({ time: new Date(second * 1000).toISOString(), text });

test('the last run that ended is that between the last start before the last end, and that end', () => {
  const events = [
    at(1, 'web.1 started (pid 1)'),
    at(5, 'web.1 exited with status 1'),
    at(8, 'web.1 started (pid 2)'),
    at(9, 'web.1 was terminated by SIGKILL (status 137)'),
    at(12, 'web.1 started (pid 3)'),
  ];
  expect(lastEnd('web.1', events)).toEqual({ sinceMs: 7000, untilMs: 9000 });
  expect(lastEnd('web.1', events.slice(0, 3))).toEqual({ sinceMs: 1, untilMs: 5000 });
  expect(lastEnd('web.1', events.slice(0, 1))).toBeUndefined();
  expect(lastEnd('web.2', events)).toBeUndefined();
});

test('a run that began at once after the one before has none of its lines', () => {
  const events = [
    at(5, 'web.1 exited with status 1'),
    at(5.1, 'web.1 started (pid 2)'),
    at(6, 'web.1 exited with status 1'),
  ];
  expect(lastEnd('web.1', events)).toEqual({ sinceMs: 5001, untilMs: 6000 });
});
