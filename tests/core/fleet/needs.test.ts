import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import {
  fleetSpec,
  manned,
  newMember,
  type Member,
  type MemberSpec,
  type Need,
} from '../../../src/core/fleet/state.ts';
import {
  hasLiveDependents,
  isCompletedTask,
  needsAreMet,
  unmeetable,
  awaitedNeeds,
} from '../../../src/core/fleet/needs.ts';
import { NEW_PROCESS, type Phase } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

const ok: Exit = { by: 'code', code: 0 };
const bad: Exit = { by: 'code', code: 1 };

const PHASES = {
  idle: { name: 'idle' },
  starting: { name: 'starting' },
  running: { name: 'running', pid: 7, since: 0, ready: false },
  ready: { name: 'running', pid: 7, since: 0, ready: true },
  stopping: { name: 'stopping', pid: 7, since: 0, rung: 0 },
  backoff: { name: 'backoff', exit: bad },
  succeeded: { name: 'exited', exit: ok },
  ended: { name: 'exited', exit: bad },
  failed: { name: 'failed', why: 'gave-up', exit: bad },
} as const satisfies Record<string, Phase>;

type PhaseName = keyof typeof PHASES;

const NEW_MEMBER = newMember({ run: 0, timer: 0 });
const traits = { readiness: 'probed', ladder: stopLadder('SIGTERM', 1), restart: RESTART_DEFAULTS } as const;

/** `web` needs `db`, of which there are two. All are to be up, but for those in `down`. */
function setUp(
  until: Need['until'],
  phases: Readonly<Partial<Record<string, PhaseName>>>,
  { down = [], required = true }: { readonly down?: readonly string[]; readonly required?: boolean } = {},
) {
  const needs = [{ process: 'db', until, required }];
  const web: MemberSpec = { name: 'web.1', process: 'web', needs, ...traits };
  const [db1, db2] = ['db.1', 'db.2'].map((name) => ({ name, process: 'db', needs: [], ...traits }));
  if (db1 === undefined || db2 === undefined) throw new Error('there are two');
  const spec = fleetSpec([web, db1, db2], 'stop');
  const state = manned(spec, (name) => {
    const phase = PHASES[phases[name] ?? 'idle'];
    return { ...NEW_MEMBER, goal: down.includes(name) ? 'down' : 'up', process: { ...NEW_PROCESS, phase } };
  });
  return { web, db: db1, state };
}

describe.each<[Need['until'], readonly PhaseName[], readonly PhaseName[]]>([
  ['started', ['running', 'ready', 'succeeded'], ['ended', 'failed']],
  ['ready', ['ready'], ['succeeded', 'ended', 'failed']],
  ['succeeded', ['succeeded'], ['ended', 'failed']],
])('until %s', (until, met, never) => {
  test.each(Object.keys(PHASES) as PhaseName[])('%s', (phase) => {
    const [good = 'idle'] = met;
    const { state, web } = setUp(until, { 'db.1': phase, 'db.2': good });
    expect(needsAreMet(state, web)).toBe(met.includes(phase));
    expect(unmeetable(state, web) !== undefined).toBe(never.includes(phase));
  });
});

test('a member without needs may always start', () => {
  const { state, db } = setUp('ready', {});
  expect(needsAreMet(state, db)).toBe(true);
  expect(unmeetable(state, db)).toBeUndefined();
});

test.each<[Need['until'], PhaseName, 'up' | 'down', boolean]>([
  ['started', 'ready', 'down', true],
  ['ready', 'stopping', 'down', true],
  ['ready', 'starting', 'down', true],
  ['ready', 'ready', 'up', false],
  ['ready', 'backoff', 'down', false],
  ['ready', 'idle', 'down', false],
  ['succeeded', 'ready', 'down', false],
])('a dependent (%s) that is %s and to be %s keeps it alive: %s', (until, phase, goal, keeps) => {
  const { state, db } = setUp(until, { 'web.1': phase }, { down: goal === 'down' ? ['web.1'] : [] });
  expect(hasLiveDependents(state, db)).toBe(keeps);
});

test('one that is being stopped meets no need, though it still runs', () => {
  const { state, web } = setUp('ready', { 'db.1': 'ready', 'db.2': 'ready' }, { down: ['db.1'] });
  expect(needsAreMet(state, web)).toBe(false);
  expect(awaitedNeeds(state, web)).toHaveLength(1);
});

test.each<[PhaseName, boolean]>([
  ['running', false],
  ['ready', true],
  ['failed', true],
  ['succeeded', true],
])('what is not required is waited for only as long as it can come about: %s', (phase, isMet) => {
  const { state, web } = setUp('ready', { 'db.1': phase, 'db.2': 'ready' }, { required: false });
  expect(needsAreMet(state, web)).toBe(isMet);
  expect(unmeetable(state, web)).toBeUndefined();
});

test('the chain of what failed is named', () => {
  const on = (process: string): Need => ({ process, until: 'ready' });
  const members = [
    { name: 'web.1', process: 'web', needs: [on('api')], ...traits },
    { name: 'api.1', process: 'api', needs: [on('db')], ...traits },
    { name: 'db.1', process: 'db', needs: [], ...traits },
  ];
  const spec = fleetSpec(members, 'keep');
  const stateOf = (api: Phase, db: Phase) =>
    manned(spec, (name) => {
      const phase = name === 'api.1' ? api : name === 'db.1' ? db : PHASES.idle;
      return { ...NEW_MEMBER, goal: 'up', process: { ...NEW_PROCESS, phase } };
    });
  const whyNot = (name: string, api: Phase, db: Phase): string | undefined => {
    const exit = unmeetable(stateOf(api, db), spec.byName.get(name) ?? expect.fail('no member'));
    return exit?.by === 'refusal' ? exit.message : undefined;
  };
  const apiNeeds = whyNot('api.1', PHASES.idle, PHASES.ended);
  expect(apiNeeds).toBe("it needs 'db', which failed");
  const exit = { by: 'refusal', error: 'ENEED', message: apiNeeds ?? '' } as const;
  const api = { name: 'failed', why: 'unmet-need', exit } as const;
  expect(whyNot('web.1', api, PHASES.ended)).toBe("it needs 'api', which needs 'db', which failed");
  expect(whyNot('api.1', PHASES.idle, PHASES.succeeded)).toBe(
    "it needs 'db', which ended before it was ready",
  );
});

test.each<[Need['until'], Exit, boolean]>([
  ['succeeded', ok, true],
  ['succeeded', bad, false],
  ['ready', ok, false],
])('needed until %s, ended by %j: a completed task: %s', (until, exit, is) => {
  const { state, db, web } = setUp(until, {});
  expect(isCompletedTask(state, db, exit)).toBe(is);
  expect(isCompletedTask(state, web, exit)).toBe(false);
});

describe('who departs', () => {
  const departing = (web: 'up' | 'down') => {
    const { state, db, web: spec } = setUp('ready', { 'db.1': 'ended', 'db.2': 'ready', 'web.1': 'ready' });
    const members = new Map<string, Member>(state.members);
    const change = (name: string, some: Partial<Member>) => {
      members.set(name, { ...NEW_MEMBER, ...members.get(name), ...some });
    };
    change('db.1', { departing: true, goal: 'down' });
    change('web.1', { goal: web });
    return { state: manned(state.spec, (name) => members.get(name)), db, web: spec };
  };

  test('is nobody that others wait for, nor fail for', () => {
    const { state, web } = departing('up');
    expect(needsAreMet(state, web)).toBe(true);
    expect(unmeetable(state, web)).toBeUndefined();
  });

  test('waits for those that go as well, not for those that stay', () => {
    const [staying, going] = [departing('up'), departing('down')];
    expect(hasLiveDependents(staying.state, staying.db)).toBe(false);
    expect(hasLiveDependents(going.state, going.db)).toBe(true);
  });
});
