import { expect, test } from 'vitest';
import { newMember, type Member } from '../../../src/core/fleet/state.ts';
import { NO_NUMBERS } from '../../../src/core/fleet/member.ts';
import { standingOf } from '../../../src/core/pool/standing.ts';
import type { Phase } from '../../../src/core/process/state.ts';

const REFUSED = { by: 'refusal', error: 'E2BIG', message: 'too large' } as const;
const FAILED: Phase = { name: 'failed', why: 'refused', exit: REFUSED };
const EXITED: Phase = { name: 'exited', exit: { by: 'code', code: 0 } };
const BACKOFF: Phase = { name: 'backoff', exit: { by: 'code', code: 1 } };
const RUNNING: Phase = { name: 'running', pid: 1, since: 0, ready: true };

function member(goal: Member['goal'], phase: Phase): Member {
  const one = newMember(NO_NUMBERS);
  return { ...one, goal, process: { ...one.process, phase } };
}

test.each<[string, readonly Member[], object]>([
  ['one that runs', [member('up', RUNNING)], { is: 'open' }],
  ['one that waits for its restart', [member('up', BACKOFF)], { is: 'open' }],
  ['one that waits for what it needs', [member('up', { name: 'idle' })], { is: 'open' }],
  ['one of several', [member('up', FAILED), member('down', RUNNING), member('up', RUNNING)], { is: 'open' }],
  ['none', [], { is: 'empty' }],
  ['one that was not started', [member('down', { name: 'idle' })], { is: 'stopped' }],
  ['one that is being stopped', [member('down', RUNNING)], { is: 'stopped' }],
  ['one that has ended for good', [member('up', EXITED)], { is: 'stopped' }],
  [
    'one that cannot be started',
    [member('up', EXITED), member('up', FAILED)],
    { is: 'given-up', exit: REFUSED },
  ],
])('with %s', (_, members, expected) => {
  expect(standingOf(members, { failure: null, isEnding: false })).toEqual(expected);
});

test('a pool that was given up has failed until it is started again, and the end of the run comes before all', () => {
  const running = [member('up', RUNNING)];
  expect(standingOf(running, { failure: 'why', isEnding: false })).toEqual({ is: 'failed', reason: 'why' });
  expect(standingOf(running, { failure: 'why', isEnding: true })).toEqual({ is: 'ending' });
});
