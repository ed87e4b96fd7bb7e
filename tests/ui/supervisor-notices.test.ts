import { expect, test } from 'vitest';
import { noticeText } from '../../src/ui/supervisor-notices.ts';

const SINCE = '2026-01-02T03:04:05.000Z';
const previous = { type: 'previous-ended', pid: 99, since: SINCE, how: 'killed', leftovers: [] } as const;

test.each([
  ['web.1', { type: 'started', run: 1, pid: 42 }, 'web.1 started (pid 42)'],
  [
    'web.1',
    { type: 'exited', run: 1, exit: { by: 'code', code: 1 }, asked: false },
    'web.1 exited with status 1',
  ],
  [null, { type: 'hurried' }, 'killing everything'],
  [null, { type: 'closing', cause: { by: 'request' }, living: [] }, 'down: stopping'],
  [null, { type: 'closing', cause: { by: 'reader-gone' }, living: [] }, 'closing'],
  [
    null,
    { type: 'requested', verb: 'restart', names: ['web.1', 'web.2'] },
    'restart was asked for: web.1, web.2',
  ],
  [null, { type: 'signalled', signal: 'SIGHUP', names: ['web.1'] }, 'SIGHUP was sent on request to web.1'],
  [null, { type: 'scaled', counts: { web: 2, worker: 0 } }, 'scaled: web=2 worker=0'],
  [
    null,
    { type: 'reloaded', added: [], removed: [], changed: [] },
    'the files were read again: nothing has changed',
  ],
  [
    null,
    { type: 'reloaded', added: ['a.1', 'a.2'], removed: [], changed: ['b.1'] },
    'the files were read again: added a.1, a.2; changed b.1',
  ],
  [
    null,
    { type: 'logs-lost', reason: 'ENOSPC' },
    'output cannot be written to the log files: ENOSPC; the processes go on',
  ],
  [
    null,
    { type: 'logs-recovered', lostBytes: 2048 },
    expect.stringMatching(/^output is written to the log files again; 2K\S* are missing in them$/) as string,
  ],
  [
    null,
    { type: 'guardian-lost' },
    'there is no guardian any more: should procsup be killed, its processes live on',
  ],
  [
    null,
    previous,
    expect.stringMatching(
      /^the supervisor before this one \(pid 99, since 2026-01-0\d \d\d:\d\d:05\) was killed; nothing of it was left$/,
    ) as string,
  ],
  [
    null,
    { ...previous, how: 'machine-restarted' },
    expect.stringContaining('ended with the machine; nothing of it was left') as string,
  ],
  [
    null,
    { ...previous, leftovers: [7, 8] },
    expect.stringContaining('was killed; ended what it left: pid 7, 8') as string,
  ],
] as const)('%s %j', (name, notice, text) => {
  expect(noticeText(name, notice)).toEqual(text);
});
