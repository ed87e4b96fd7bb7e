import { describe, expect, test } from 'vitest';
import { memberOf } from '../../../src/core/fleet/member-of.ts';
import type { StageSpec } from '../../../src/core/plan/app-spec.ts';
import type { ProcessDefaults } from '../../../src/core/plan/defaults.ts';
import { servicePlan, stagePlan, type ProcessPlan } from '../../../src/core/plan/process-plan.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { fakeInstance } from '../../helpers/fake-instance.ts';

const DEFAULTS: ProcessDefaults = {
  ...{ restart: 'on-failure', restartDelayMs: 100, timeoutMs: 7_000 },
  stdin: 'open',
};
const PLACE = { file: 'Procfile', line: 1, column: 1, length: 3, text: 'web: x' };
const WEB = servicePlan('web', 'x', PLACE);
const STAGE = stagePlan('in', '1', { command: 'x', script: 'x', joinsStderr: false, place: PLACE });

const NEIGHBOURS: StageSpec = { upstream: null, downstream: null, joinsStderr: false };

const member = (plan: ProcessPlan, defaults: Partial<ProcessDefaults> = {}) =>
  memberOf(fakeInstance('web.1', { plan }), { ...DEFAULTS, ...defaults });

test('a plan that says nothing has the defaults of the command line', () => {
  expect(member(WEB)).toEqual({
    name: 'web.1',
    process: 'web',
    needs: [],
    readiness: 'probed',
    isReadinessUsual: true,
    restart: { ...RESTART_DEFAULTS, mode: 'on-failure', delayMs: 100 },
    ladder: [
      { signal: 'SIGTERM', graceMs: 7_000 },
      { signal: 'SIGKILL', graceMs: 1_000 },
    ],
  });
});

describe('a plan goes before the defaults', () => {
  test.each<[string, Partial<ProcessPlan>, object]>([
    ['mode', { restart: { mode: 'always' } }, { restart: { mode: 'always', delayMs: 100 } }],
    ['delay', { restart: { delayMs: 5 } }, { restart: { mode: 'on-failure', delayMs: 5 } }],
    [
      'a delay above the longest',
      { restart: { delayMs: 40_000 } },
      { restart: { delayMs: 40_000, maxDelayMs: 40_000 } },
    ],
    ['stop signal', { stop: { signal: 'SIGINT' } }, { ladder: [{ signal: 'SIGINT', graceMs: 7_000 }, {}] }],
    ['stop time', { stop: { timeoutMs: 1 } }, { ladder: [{ signal: 'SIGTERM', graceMs: 1 }, {}] }],
    ['needs', { needs: [{ process: 'db', until: 'ready' }] }, { needs: [{ process: 'db', until: 'ready' }] }],
    ['stop target', { stop: { target: 'main' } }, { stopTarget: 'main' }],
    [
      'stop command',
      { stop: { command: 'x' } },
      { ladder: [{ signal: 'SIGTERM' }, {}], hooks: { start: false, stop: true, end: true } },
    ],
    [
      'a hook before the start',
      { hooks: { preStart: { command: 'x', timeoutMs: 1 } } },
      { hooks: { start: true, stop: false, end: false } },
    ],
    [
      'a hook after the start',
      { hooks: { postStart: { command: 'x', timeoutMs: 1 } } },
      { hooks: { start: false, stop: false, end: true } },
    ],
    [
      'a schedule',
      { schedule: { cron: '* * * * *', overlap: 'skip' } },
      { onExit: 'keep', isScheduled: true },
    ],
    [
      'a schedule, and its end',
      { schedule: { cron: '* * * * *', overlap: 'skip' }, onExit: 'stop' },
      { onExit: 'stop', isScheduled: true },
    ],
    ['stdin', { stdin: 'null' }, { stdinIsEmpty: true }],
    ['readiness', { ready: { checks: [{ kind: 'delay', ms: 1 }] } }, { readiness: 'probed' }],
  ])('%s', (_, some, expected) => {
    expect(member({ ...WEB, ...some } as ProcessPlan)).toMatchObject(expected);
  });
});

test('a first delay of the command line that is longer than the longest makes that longer', () => {
  expect(member(WEB, { restartDelayMs: 60_000 }).restart).toMatchObject({
    delayMs: 60_000,
    maxDelayMs: 60_000,
  });
});

test('only what reads /dev/null has an empty stdin', () => {
  const reader = { ...NEIGHBOURS, upstream: 'in/1' };
  const stage = (plan: ProcessPlan, spec: StageSpec, stdin: ProcessDefaults['stdin']) =>
    memberOf(fakeInstance('in/2', { plan, stage: spec }), { ...DEFAULTS, stdin }).stdinIsEmpty;
  expect(member(WEB, { stdin: 'null' }).stdinIsEmpty).toBe(true);
  expect(member({ ...WEB, stdin: 'open' }, { stdin: 'null' }).stdinIsEmpty).toBeUndefined();
  expect(stage(STAGE, NEIGHBOURS, 'null')).toBe(true);
  expect(stage(STAGE, reader, 'null')).toBeUndefined();
});

test('only a stage has time to read what is left', () => {
  expect(member(WEB)).not.toHaveProperty('drainMs');
  expect(member(STAGE).drainMs).toBe(5_000);
  expect(member({ ...STAGE, drainMs: 0 }).drainMs).toBe(0);
});

test('a stage keeps its neighbours', () => {
  const stage = { upstream: null, downstream: 'in/2', joinsStderr: false };
  const instance = fakeInstance('in/1', { plan: STAGE, stage });
  expect(memberOf(instance, DEFAULTS)).toMatchObject({ name: 'in/1', process: 'in', stage });
});

test('a task is one, and is not brought back after its success because all others are', () => {
  const task = { ...WEB, kind: 'task' as const };
  expect(member(task, { restart: 'always' })).toMatchObject({
    isTask: true,
    restart: { mode: 'on-failure' },
  });
  expect(member(WEB, { restart: 'always' })).toMatchObject({ restart: { mode: 'always' } });
  expect(member(WEB)).not.toHaveProperty('isTask');
});

test('what the end of one process means to the run may be said in its plan', () => {
  expect(member({ ...WEB, onExit: 'stop-on-failure' })).toMatchObject({ onExit: 'stop-on-failure' });
});
