import { describe, expect, test } from 'vitest';
import { namesIn, type Asker, type Cause, type Event, type Verb } from '../../src/core/events.ts';
import type { SignalName } from '../../src/core/process/signals.ts';
import type { PublicState } from '../../src/core/snapshot.ts';
import { reasonFor } from '../../src/core/why.ts';
import { ALL_SAMPLES } from '../helpers/sample-events.ts';

const name = 'web.1';
const ASKER: Asker = { by: 'request' };
const requested = (verb: Verb, cause: Cause = ASKER): Event => ({
  type: 'requested',
  verb,
  names: [name],
  cause,
});
const started = (run: number): Event => ({ type: 'started', name, run, pid: run });
const exited = (run: number, signal?: SignalName): Event => ({
  ...{ type: 'exited', name, run, asked: false },
  exit: signal === undefined ? { by: 'code', code: 1 } : { by: 'signal', signal },
});
const restarting: Event = { type: 'restarting', name, delayMs: 100, restarts: 1 };
const gaveUp: Event = { type: 'gave-up', name, restarts: 5, withinMs: 60_000 };
const doomed: Event = { type: 'doomed', name, exit: { by: 'code', code: 1 } };
const closing: Event = { type: 'closing', cause: { by: 'signal', signal: 'SIGTERM' }, living: [name] };
const sent = (signal: SignalName): Event => ({ type: 'signalled', signal, names: [name], cause: ASKER });
const rollFailed = (run: number): Event => ({ type: 'roll-failed', name, run, pid: 1 });
const begin = requested('start', { by: 'start' });

/** A story, the state after it, and the place in it of what decided that. */
test.each<readonly [string, readonly Event[], PublicState, number | undefined]>([
  ['nothing is known any more', [], 'running', undefined],
  ['only the start of the run is known', [started(9)], 'running', undefined],
  ['started with the supervisor', [begin, started(1)], 'running', 0],
  ['being started', [begin, started(1), exited(1), requested('start')], 'starting', 3],
  ['brought back by its policy', [begin, started(1), exited(1), restarting, started(2)], 'running', 3],
  ['restarted on request', [begin, started(1), requested('restart'), exited(1), started(2)], 'running', 2],
  [
    'kept by a rolling restart',
    [begin, started(1), requested('restart'), started(2), rollFailed(2)],
    'running',
    0,
  ],
  ['a start of what ran already', [begin, started(1), requested('start')], 'running', 0],
  ['stopped on request', [begin, started(1), requested('stop'), exited(1)], 'stopped', 2],
  ['being stopped', [begin, started(1), requested('stop')], 'stopping', 2],
  ['stopped twice', [begin, started(1), requested('stop'), exited(1), requested('stop')], 'stopped', 2],
  [
    'stopped while it waited for a restart',
    [begin, started(1), exited(1), restarting, requested('stop')],
    'stopped',
    4,
  ],
  [
    'stopped, started, stopped',
    [begin, started(1), requested('stop'), exited(1), requested('start'), started(2), requested('stop')],
    'stopping',
    6,
  ],
  ['stopped with all others', [begin, started(1), closing], 'stopping', 2],
  ['never asked for', [], 'stopped', undefined],
  ['ended by itself', [begin, started(1), exited(1)], 'exited', undefined],
  [
    'ended by a signal that was sent on request',
    [begin, started(1), sent('SIGHUP'), sent('SIGUSR1'), exited(1, 'SIGHUP')],
    'exited',
    2,
  ],
  [
    'ended by a signal that was not',
    [begin, started(1), sent('SIGHUP'), exited(1, 'SIGKILL')],
    'exited',
    undefined,
  ],
  [
    'a signal to the run before',
    [begin, started(1), sent('SIGHUP'), exited(1, 'SIGHUP'), restarting, started(2), exited(2, 'SIGHUP')],
    'exited',
    undefined,
  ],
  ['a signal after the end', [begin, started(1), exited(1, 'SIGHUP'), sent('SIGHUP')], 'exited', undefined],
  [
    'waiting after a signal',
    [begin, started(1), sent('SIGKILL'), exited(1, 'SIGKILL'), restarting],
    'backoff',
    2,
  ],
  ['failed', [begin, started(1), exited(1), gaveUp], 'failed', 3],
  ['failed after a signal', [begin, started(1), sent('SIGKILL'), exited(1, 'SIGKILL')], 'failed', 2],
  [
    'failed again, in another way',
    [begin, started(1), exited(1), gaveUp, requested('start'), doomed],
    'failed',
    5,
  ],
  [
    'failed again, and it is not told how',
    [begin, started(1), exited(1), gaveUp, requested('start')],
    'failed',
    undefined,
  ],
])('%s', (_, story, state, index) => {
  const entries = story.map((event, at) => ({ event, at }));
  expect(reasonFor(state, entries)?.at).toBe(index);
});

describe('every event has its place', () => {
  const STATES = ['starting', 'running', 'stopping', 'stopped', 'backoff', 'exited', 'failed'] as const;
  const DECIDING = [
    ...['requested', 'closing', 'signalled', 'restarting', 'gave-up', 'doomed', 'unkillable'],
    ...['needed', 'followed'],
  ];

  test.each(ALL_SAMPLES)('%j', (event) => {
    const deciding = STATES.filter((state) => {
      const hit = event.type === 'signalled' ? [exited(1, event.signal)] : [];
      const run = state === 'running' ? [started(1)] : [];
      const entries = [event, ...run, ...hit].map((one) => ({ event: one }));
      return reasonFor(state, entries)?.event === event;
    });
    expect(deciding.length > 0).toBe(DECIDING.includes(event.type));
  });
});

test('what an event is about', () => {
  expect(namesIn(started(1))).toEqual([name]);
  expect(namesIn(requested('stop'))).toEqual([name]);
  expect(namesIn(sent('SIGHUP'))).toEqual([name]);
  expect(namesIn(closing)).toBeUndefined();
});
