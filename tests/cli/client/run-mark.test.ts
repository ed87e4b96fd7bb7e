import { expect, test } from 'vitest';
import { runMark } from '../../../src/cli/client/run-mark.ts';

const record = (event: string, more: object) => ({
  seq: 1,
  time: 'T',
  event,
  name: 'web.1',
  text: '',
  ...more,
});

test.each([
  ['exited', { exit: { code: 3 } }, 'end', 'exited with status 3'],
  ['exited', { exit: { signal: 'SIGKILL' } }, 'end', 'was terminated by SIGKILL (status 137)'],
  ['started', { pid: 42, run: 2 }, 'start', 'started (pid 42)'],
])('%s %j', (event, more, of, text) => {
  expect(runMark(record(event, more))).toEqual({ time: 'T', mark: { of, text } });
});

test('a run that cannot begin is marked by the reason', () => {
  const mark = runMark(record('refused', { exit: { error: 'E2BIG', message: 'too long' } }))?.mark;
  expect(mark?.of).toBe('end');
  expect(mark?.text).toContain('too long');
});

test('other events are no marks', () => {
  expect(runMark(record('restarting', {}))).toBeUndefined();
});
