import { expect, test } from 'vitest';
import { eventRecord } from '../../src/host/event-record.ts';
import { EVENT } from '../../src/control/reply-schemas.ts';
import { whyNot } from '../../src/control/schema.ts';

const HEAD = { seq: 7, time: '2026-01-02T03:04:05.000Z' };
const previous = { type: 'previous-ended', pid: 9, since: HEAD.time, how: 'killed', leftovers: [7] } as const;

test.each([
  [
    'web.1',
    { type: 'started', run: 1, pid: 42 },
    { event: 'started', name: 'web.1', run: 1, pid: 42, text: 'web.1 started (pid 42)' },
  ],
  [
    'web.1',
    { type: 'exited', run: 1, exit: { by: 'signal', signal: 'SIGKILL' }, asked: false },
    {
      event: 'exited',
      name: 'web.1',
      run: 1,
      exit: { signal: 'SIGKILL' },
      asked: false,
      text: 'web.1 was ended by SIGKILL (status 137)',
    },
  ],
  [
    'web.1',
    { type: 'refused', exit: { by: 'refusal', error: 'EAGAIN', message: 'too many' } },
    {
      event: 'refused',
      name: 'web.1',
      exit: { error: 'EAGAIN', message: 'too many' },
      text: 'web.1 cannot be started: too many',
    },
  ],
  [
    null,
    { type: 'closing', cause: { by: 'signal', signal: 'SIGINT' }, living: ['a.1'] },
    { event: 'closing', cause: 'signal', living: ['a.1'] },
  ],
  [
    null,
    { type: 'scaled', counts: { web: 2 } },
    { event: 'scaled', counts: { web: 2 }, text: 'scaled: web=2' },
  ],
  [
    null,
    { type: 'requested', verb: 'stop', names: ['web.1'] },
    { event: 'requested', verb: 'stop', names: ['web.1'] },
  ],
  [null, previous, { event: 'previous-ended', pid: 9, leftovers: [7] }],
  [null, { type: 'logs-recovered', lostBytes: 5 }, { event: 'logs-recovered', lostBytes: 5 }],
] as const)('%s %j', (name, notice, record) => {
  const told = eventRecord({ seq: 7, wallMs: Date.parse(HEAD.time), name, notice });
  expect(told).toMatchObject({ ...HEAD, ...record });
  expect(whyNot(EVENT, told, 'it')).toBeUndefined();
  expect('name' in told).toBe(name !== null);
});
