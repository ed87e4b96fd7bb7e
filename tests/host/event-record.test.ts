import { expect, test } from 'vitest';
import { EVENT } from '../../src/control/reply-schemas.ts';
import { whyNot } from '../../src/control/schema.ts';
import type { Event } from '../../src/core/events.ts';
import { eventRecord } from '../../src/host/records/event-record.ts';
import { eventText } from '../../src/ui/event-text.ts';
import { ALL_SAMPLES, CLIENT } from '../helpers/sample-events.ts';

const HEAD = { seq: 7, time: '2026-01-02T03:04:05.000Z' };
const name = 'web.1';
const record = (event: Event) => eventRecord({ seq: 7, wallMs: Date.parse(HEAD.time), event });

test.each(ALL_SAMPLES)('is as the schema says: %j', (event) => {
  // As a client gets it.
  const told = JSON.parse(JSON.stringify(record(event))) as Record<string, unknown>;
  expect(whyNot(EVENT, told, 'it')).toBeUndefined();
  expect(told).toMatchObject({ ...HEAD, event: event.type, text: eventText(event) });
  expect(told['name']).toBe('name' in event ? event.name : undefined);
  expect(typeof told['cause']).toBe('cause' in event || event.type === 'restarting' ? 'string' : 'undefined');
});

/** Field by field: these are public. */
test.each<readonly [Event, Readonly<Record<string, unknown>>]>([
  [
    { type: 'started', name, run: 1, pid: 42 },
    { event: 'started', name, run: 1, pid: 42 },
  ],
  [
    { type: 'exited', name, run: 1, exit: { by: 'signal', signal: 'SIGKILL' }, asked: false },
    { event: 'exited', name, run: 1, exit: { signal: 'SIGKILL' }, asked: false },
  ],
  [
    { type: 'refused', name, exit: { by: 'refusal', error: 'EAGAIN', message: 'too many' } },
    { event: 'refused', name, exit: { error: 'EAGAIN', message: 'too many' } },
  ],
  [
    { type: 'restarting', name, delayMs: 5, restarts: 2 },
    { event: 'restarting', name, delayMs: 5, restarts: 2, cause: 'policy' },
  ],
  [
    { type: 'closing', cause: { by: 'signal', signal: 'SIGINT' }, living: ['a.1'] },
    { event: 'closing', cause: 'signal', origin: { signal: 'SIGINT' }, living: ['a.1'] },
  ],
  [
    { type: 'closing', cause: { by: 'exit', name, exit: { by: 'code', code: 3 } }, living: [] },
    { event: 'closing', cause: 'exit', origin: { name, exit: { code: 3 } }, living: [] },
  ],
  [
    { type: 'closing', cause: { by: 'request' }, living: [] },
    { event: 'closing', cause: 'request', living: [] },
  ],
  [
    { type: 'scaled', counts: { web: 2 }, cause: { by: 'library' } },
    { event: 'scaled', counts: { web: 2 }, cause: 'library' },
  ],
  [
    { type: 'requested', verb: 'stop', names: [name], cause: CLIENT },
    {
      ...{ event: 'requested', verb: 'stop', names: [name], cause: 'request' },
      origin: { command: 'procsup stop web', pid: 4711, user: 'jo' },
    },
  ],
  [
    { type: 'requested', verb: 'start', names: [name], cause: { by: 'reload', asker: CLIENT } },
    {
      ...{ event: 'requested', verb: 'start', names: [name], cause: 'reload' },
      origin: { command: 'procsup stop web', pid: 4711, user: 'jo' },
    },
  ],
  [
    { type: 'previous-ended', pid: 9, since: HEAD.time, how: 'killed', leftovers: [7] },
    { event: 'previous-ended', pid: 9, since: HEAD.time, how: 'killed', leftovers: [7] },
  ],
  [
    { type: 'logs-recovered', lostBytes: 5 },
    { event: 'logs-recovered', lostBytes: 5 },
  ],
])('has these fields: %j', (event, fields) => {
  expect(record(event)).toEqual({ ...HEAD, ...fields, text: eventText(event) });
});
