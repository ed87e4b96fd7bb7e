import { expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import { fleetSpec, manned, newFleet, newMember } from '../../../src/core/fleet/state.ts';
import type { Cause, FleetState, Member } from '../../../src/core/fleet/state.ts';
import { firstFailureOf, killedOf, outcomeOf } from '../../../src/core/fleet/outcome.ts';
import { NEW_PROCESS } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

const failed: Exit = { by: 'code', code: 4 };
const member = (some: Partial<Member['process']> = {}): Member => ({
  ...newMember({ run: 0, timer: 0 }),
  goal: 'up',
  process: { ...NEW_PROCESS, phase: { name: 'exited', exit: { by: 'code', code: 0 } }, ...some },
});

const traits = {
  needs: [],
  readiness: 'started',
  ladder: stopLadder('SIGTERM', 100),
  restart: RESTART_DEFAULTS,
} as const;

interface Given {
  readonly cause?: Cause;
  readonly hurried?: boolean;
  readonly firstFailure?: Exit;
  readonly killed?: boolean;
  /** It was stopped before the end began. */
  readonly before?: boolean;
}

function state({ cause, hurried = false, firstFailure, killed = false, before = false }: Given): FleetState {
  const living = before ? [] : ['a.1'];
  const closing = { signal: 'SIGTERM', graceMs: null, interruptedAt: null, hurried, living } as const;
  const spec = fleetSpec([{ ...traits, name: 'a.1', process: 'a' }], 'stop');
  return {
    ...newFleet(spec),
    ...manned(spec, () => member({ killed })),
    closing: cause === undefined ? null : { cause, ...closing },
    firstFailure: firstFailure ?? null,
  };
}

const stop: Cause = { by: 'signal', signal: 'SIGTERM' };
const exit: Cause = { by: 'exit', name: 'a.1', exit: failed };

test.each<[string, Given, number]>([
  ['all ended well', {}, 0],
  ['one failed', { firstFailure: { by: 'code', code: 9 } }, 9],
  ['a stop', { cause: stop }, 0],
  ['a stop after a failure', { cause: stop, firstFailure: failed }, 0],
  ['a stop in which something was killed', { cause: stop, killed: true }, 137],
  ['a request', { cause: { by: 'request' } }, 0],
  ['a request for which something was killed', { cause: { by: 'request' }, killed: true }, 137],
  ['a request, long after something was killed', { cause: { by: 'request' }, killed: true, before: true }, 0],
  ['nobody reads any more', { cause: { by: 'reader-gone' } }, 0],
  ['the end of one', { cause: exit }, 4],
  ['the end of one, another had to be killed', { cause: exit, killed: true }, 4],
  ['a second Ctrl-C', { cause: stop, hurried: true, killed: true }, 130],
  ['a second Ctrl-C after the end of one', { cause: exit, hurried: true }, 130],
])('%s', (_what, given, status) => {
  expect(outcomeOf(state(given))).toBe(status);
});

test.each<[string, Given, readonly string[]]>([
  ['for the end of the run', { cause: { by: 'request' }, killed: true }, ['a.1']],
  ['not at all', { cause: { by: 'request' } }, []],
  ['in a stop before that', { cause: { by: 'request' }, killed: true, before: true }, []],
  ['in a stop, while the run goes on', { killed: true }, []],
])('who was killed %s is named: %j', (_when, given, names) => {
  expect(killedOf(state(given))).toEqual(names);
});

test('the first failure that counts is the first, and only of those that are wanted', () => {
  const failure = { phase: { name: 'exited', exit: failed } } as const;
  const later: Exit = { by: 'code', code: 5 };
  const of = (members: readonly Member[], firstFailure: Exit | null = null) => {
    const specs = members.map((_, at) => ({ ...traits, name: String(at), process: 'a' }));
    const crew = manned(fleetSpec(specs, 'keep'), (name) => members[Number(name)]);
    return firstFailureOf({ ...state({}), ...crew, firstFailure }, specs);
  };
  expect(of([member()])).toBeNull();
  expect(of([member(), member(failure)])).toEqual(failed);
  expect(of([{ ...member(failure), goal: 'down' }])).toBeNull();
  expect(of([member(failure)], later)).toEqual(later);
});
