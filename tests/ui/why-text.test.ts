import { expect, test } from 'vitest';
import type { InstanceSnapshot } from '../../src/core/snapshot.ts';
import { plainTheme } from '../../src/ui/paint.ts';
import { whyText } from '../../src/ui/why-text.ts';
import { snapshotFor } from '../helpers/fake-api.ts';

test.each<readonly [Partial<InstanceSnapshot>, string]>([
  [{ state: 'running', pid: 42, uptime: 61.4 }, 'web.1 is running (pid 42) for 1m1s'],
  [
    { state: 'running', pid: 42, uptime: 0.2, restarts: 1 },
    'web.1 is running (pid 42) for 0s; restarted 1 time by its policy',
  ],
  [{ state: 'starting', pid: null }, 'web.1 is being started'],
  [{ state: 'stopping', pid: 42 }, 'web.1 is being stopped (pid 42)'],
  [{ state: 'stopping', pid: null }, 'web.1 has ended, and what it left behind is being stopped'],
  [{ state: 'stopped', pid: null }, 'web.1 is stopped: it was not asked to run'],
  [
    { state: 'stopped', pid: null, exit: { signal: 'SIGTERM' } },
    'web.1 is stopped: it was ended by SIGTERM (status 143)',
  ],
  [
    { state: 'backoff', pid: null, exit: { code: 1 }, restarts: 2 },
    'web.1 is not running now: it exited with status 1 and waits for its restart; restarted 2 times by its policy',
  ],
  [
    { state: 'exited', pid: null, exit: { code: 0 } },
    'web.1 is not running: it exited with status 0, and its policy does not bring it back',
  ],
  [
    { state: 'failed', pid: null, exit: { code: 1 }, restarts: 5 },
    'web.1 is not running: it has failed; it exited with status 1; restarted 5 times by its policy',
  ],
  [{ state: 'failed', pid: null }, 'web.1 is not running: it has failed'],
])('%j', (process, text) => {
  expect(whyText({ process: snapshotFor('web.1', process), events: [] }, plainTheme)).toBe(`${text}\n`);
});

test('with the last twelve events', () => {
  const events = Array.from({ length: 20 }, (_, index) => ({
    time: '2026-01-02T03:04:05.000Z',
    text: `event ${String(index)}`,
  }));
  const [, ...lines] = whyText({ process: snapshotFor('web.1'), events }, plainTheme)
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(12);
  expect(lines[0]).toMatch(/^ {2}2026-01-0\d \d\d:\d\d:05 event 8$/);
  expect(lines.at(-1)).toMatch(/event 19$/);
});
