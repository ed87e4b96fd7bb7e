import { expect, test } from 'vitest';
import { changeText } from '../../src/ui/change-text.ts';

const RESULT = { name: 'web.1', before: null, pid: null, exit: null } as const;

test.each([
  ['start', { outcome: 'running', pid: 42 }, 'web.1 started (pid 42)'],
  ['start', { outcome: 'running', before: 42, pid: 42 }, 'web.1 is already running (pid 42)'],
  ['restart', { outcome: 'running', before: 41, pid: 42 }, 'web.1 restarted (41 -> 42)'],
  [
    'restart',
    { outcome: 'running', before: 41, pid: 42, killed: true },
    'web.1 restarted (41 -> 42); killed what did not stop in time',
  ],
  ['restart', { outcome: 'running', pid: 42 }, 'web.1 restarted (pid 42)'],
  [
    'restart',
    { outcome: 'kept', before: 42, pid: 42, exit: { code: 3 } },
    'web.1 was not restarted: the new run exited with status 3; kept the old one (pid 42)',
  ],
  [
    'restart',
    { outcome: 'kept', before: 42, pid: 42 },
    'web.1 was not restarted: another instance failed; the old run goes on (pid 42)',
  ],
  ['stop', { outcome: 'stopped', before: 42, exit: { code: 0 } }, 'web.1 stopped (pid 42)'],
  ['stop', { outcome: 'stopped' }, 'web.1 is already stopped'],
  ['stop', { outcome: 'stopped', waited: true }, 'web.1 stopped; it was waiting for its restart'],
  ['start', { outcome: 'ended', exit: { code: 3 } }, 'web.1 exited with status 3'],
  [
    'start',
    { outcome: 'ended', exit: { signal: 'SIGKILL' } },
    'web.1 was terminated by SIGKILL (status 137)',
  ],
  [
    'start',
    { outcome: 'ended', exit: { error: 'ENOENT', message: 'no directory' } },
    'web.1 could not be started: no directory',
  ],
  ['start', { outcome: 'ended' }, 'web.1 is not running'],
  ['stop', { outcome: 'superseded', before: 42 }, 'web.1: superseded by a later request'],
  ['stop', { outcome: 'unknown' }, 'web.1: no longer exists'],
] as const)('%s %j', (verb, result, text) => {
  expect(changeText(verb, { ...RESULT, ...result })).toBe(text);
});
