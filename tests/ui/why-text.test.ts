import { describe, expect, test } from 'vitest';
import type { InstanceSnapshot } from '../../src/core/snapshot.ts';
import { plainTheme } from '../../src/ui/paint.ts';
import { whyText, type WhyReply } from '../../src/ui/why-text.ts';
import { snapshotFor } from '../helpers/fake-api.ts';

const TIME = '2026-01-02T03:04:05.000Z';
const NOW = Date.parse(TIME) + 12_300;

const told = (process: Partial<InstanceSnapshot>, reason?: WhyReply['reason'], nowMs = NOW): string =>
  whyText(
    { process: snapshotFor('web.1', process), events: [], ...(reason && { reason }) },
    plainTheme,
    nowMs,
  );

describe('the state alone', () => {
  test.each<readonly [Partial<InstanceSnapshot>, string]>([
    [{ state: 'running', pid: 42, uptime: 61.4 }, 'web.1 is running (pid 42) for 1m1s'],
    [
      { state: 'running', pid: 42, uptime: 0.2, restarts: 1 },
      'web.1 is running (pid 42) for 0s; restarted 1 time by its policy',
    ],
    [
      { state: 'running', pid: 42, uptime: 4, ready: false, notReady: 'http /healthz: 503 for 4s' },
      'web.1 is running (pid 42) for 4s, and is not ready yet (http /healthz: 503 for 4s)',
    ],
    [{ state: 'starting', pid: null }, 'web.1 is being started'],
    [{ state: 'stopping', pid: 42 }, 'web.1 is being stopped (pid 42)'],
    [{ state: 'stopping', pid: null }, 'web.1 has ended, and what it left running is being stopped'],
    [{ state: 'stopped', pid: null }, 'web.1 is stopped: it was not asked to run'],
    [
      { state: 'stopped', pid: null, exit: { signal: 'SIGTERM' } },
      'web.1 is stopped: it was terminated by SIGTERM (status 143)',
    ],
    [
      { state: 'waiting', pid: null, waitsFor: [{ process: 'db', until: 'ready' }], waited: 61.4 },
      'web.1 is waiting for db (ready), for 1m1s now',
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
    expect(told(process)).toBe(`${text}\n`);
  });
});

describe('with the reason', () => {
  const stop = 'stop requested by `procsup stop web` (pid 4711)';
  const SIGTERM = { signal: 'SIGTERM' } as const;
  test.each<readonly [Partial<InstanceSnapshot>, event: string, reason: string, text: string]>([
    [
      { state: 'stopped', pid: null },
      'requested',
      stop,
      'web.1 is stopped: stop requested by `procsup stop web` (pid 4711) 12s ago',
    ],
    [
      { state: 'stopped', pid: null, exit: SIGTERM },
      'requested',
      stop,
      'web.1 is stopped: stop requested by `procsup stop web` (pid 4711) 12s ago; it was terminated by SIGTERM (status 143)',
    ],
    [
      { state: 'stopping', pid: 42 },
      'closing',
      'the supervisor received SIGTERM',
      'web.1 is being stopped (pid 42): the supervisor received SIGTERM 12s ago',
    ],
    [
      { state: 'stopping', pid: null },
      'requested',
      'stop requested',
      'web.1 has ended, and what it left running is being stopped: stop requested 12s ago',
    ],
    [
      { state: 'running', pid: 42, uptime: 12.1 },
      'requested',
      'started with the supervisor',
      'web.1 is running (pid 42) for 12s: started with the supervisor 12s ago',
    ],
    [
      { state: 'running', pid: 42, uptime: 12.1, restarts: 2 },
      'restarting',
      'restarted by its policy',
      'web.1 is running (pid 42) for 12s; restarted 2 times by its policy',
    ],
    [
      { state: 'starting', pid: null },
      'requested',
      'start requested',
      'web.1 is being started: start requested 12s ago',
    ],
    [
      { state: 'backoff', pid: null, exit: SIGTERM, restarts: 1 },
      'signalled',
      'SIGTERM sent by `procsup kill web` (pid 7)',
      'web.1 is not running now: it was terminated by SIGTERM (status 143) and waits for its restart; SIGTERM sent by `procsup kill web` (pid 7) 12s ago; restarted 1 time by its policy',
    ],
    [
      { state: 'exited', pid: null, exit: SIGTERM },
      'signalled',
      'SIGTERM sent',
      'web.1 is not running: it was terminated by SIGTERM (status 143), and its policy does not bring it back; SIGTERM sent 12s ago',
    ],
    [
      { state: 'failed', pid: null, exit: { code: 1 } },
      'gave-up',
      'it failed after 5 restarts within 1m',
      'web.1 is not running: it failed after 5 restarts within 1m (12s ago); it exited with status 1',
    ],
    [
      { state: 'failed', pid: null, exit: { error: 'EBUSY', message: 'x' } },
      'unkillable',
      'it is still alive after SIGKILL (pid 42)',
      'web.1 is not running: it is still alive after SIGKILL (pid 42) (12s ago)',
    ],
  ])('%j %s', (process, event, text, line) => {
    expect(told(process, { time: TIME, event, text })).toBe(`${line}\n`);
  });

  test('a clock that was set back does not lead to a time in the future', () => {
    const reason = { time: TIME, event: 'requested', text: stop };
    expect(told({ state: 'stopped', pid: null }, reason, 0)).toContain(`${stop} 0s ago`);
  });
});

test('with the last twelve events', () => {
  const events = Array.from({ length: 20 }, (_, index) => ({
    time: TIME,
    text: `event ${String(index)}`,
  }));
  const [, ...lines] = whyText({ process: snapshotFor('web.1'), events, reason: null }, plainTheme, NOW)
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(12);
  expect(lines[0]).toMatch(/^ {2}2026-01-0\d \d\d:\d\d:05 event 8$/);
  expect(lines.at(-1)).toMatch(/event 19$/);
});
