import { describe, expect, test } from 'vitest';
import type { Exit } from '../../src/core/process/exit.ts';
import type { FleetNotice } from '../../src/core/fleet/state.ts';
import type { ProcessNotice } from '../../src/core/process/state.ts';
import { exitText, fleetNoticeText, processNoticeText } from '../../src/ui/notices.ts';

const code = (status: number): Exit => ({ by: 'code', code: status });
const refusal: Exit = { by: 'refusal', error: 'EAGAIN', message: 'no more processes' };

test.each<[ProcessNotice, string]>([
  [{ type: 'started', run: 1, pid: 42 }, 'web.1 started (pid 42)'],
  [{ type: 'refused', exit: refusal }, 'web.1 cannot be started: no more processes'],
  [{ type: 'exited', run: 1, exit: code(3), asked: false }, 'web.1 exited with status 3'],
  [{ type: 'clearing' }, 'web.1 left processes behind; stopping them'],
  [{ type: 'killing' }, 'web.1 has not ended; killing it'],
  [{ type: 'restarting', delayMs: 0, restarts: 1 }, 'web.1 restarts at once'],
  [{ type: 'restarting', delayMs: 1500, restarts: 2 }, 'web.1 restarts in 1.5s'],
  [{ type: 'gave-up', restarts: 5, withinMs: 60_000 }, 'web.1 has failed: 5 restarts within 1m did not help'],
  [{ type: 'doomed', exit: refusal }, 'web.1 is not started: no more processes'],
  [{ type: 'unkillable', pid: 42 }, 'web.1 (pid 42) does not die of SIGKILL; it is left behind'],
])('%j', (notice, text) => {
  expect(processNoticeText('web.1', notice)).toBe(text);
});

test.each<[Exit, string]>([
  [code(0), 'exited with status 0'],
  [code(126), 'exited with status 126: command cannot be executed'],
  [code(127), 'exited with status 127: command not found'],
  [{ by: 'signal', signal: 'SIGSEGV' }, 'was ended by SIGSEGV (status 139)'],
  [refusal, 'could not be started: no more processes'],
])('%j', (exit, text) => {
  expect(exitText(exit)).toBe(text);
});

describe('of the whole run:', () => {
  const living = ['a.1', 'b.1'];
  const six = ['a.1', 'a.2', 'a.3', 'a.4', 'a.5', 'a.6'];
  test.each<[FleetNotice, string | undefined]>([
    [{ type: 'hurried' }, 'killing everything'],
    [{ type: 'interrupted', living }, 'waiting for a.1, b.1; Ctrl-C again kills'],
    [{ type: 'interrupted', living: six }, 'waiting for a.1, a.2, a.3, a.4 and 2 more; Ctrl-C again kills'],
    [
      { type: 'interrupted', living: six.slice(0, 5) },
      'waiting for a.1, a.2, a.3, a.4, a.5; Ctrl-C again kills',
    ],
    [
      { type: 'closing', cause: { by: 'signal', signal: 'SIGINT' }, living },
      'SIGINT: stopping; Ctrl-C again kills',
    ],
    [{ type: 'closing', cause: { by: 'signal', signal: 'SIGINT' }, living: [] }, 'SIGINT: stopping'],
    [{ type: 'closing', cause: { by: 'signal', signal: 'SIGTERM' }, living }, 'SIGTERM: stopping'],
    [
      { type: 'closing', cause: { by: 'exit', name: 'c.1', exit: code(1) }, living },
      'c.1 has ended; stopping a.1, b.1',
    ],
    [{ type: 'closing', cause: { by: 'exit', name: 'c.1', exit: code(1) }, living: [] }, undefined],
    [{ type: 'closing', cause: { by: 'request' }, living }, 'down: stopping'],
    [{ type: 'closing', cause: { by: 'reader-gone' }, living }, undefined],
  ])('%j', (notice, text) => {
    expect(fleetNoticeText(notice)).toBe(text);
  });
});
