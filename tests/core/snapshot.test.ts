import { describe, expect, test } from 'vitest';
import type { Exit } from '../../src/core/process/exit.ts';
import { fleetSpec, newFleet, newMember } from '../../src/core/fleet/state.ts';
import { NEW_PROCESS, type Phase } from '../../src/core/process/state.ts';
import { snapshotOf, type InstanceSnapshot } from '../../src/core/snapshot.ts';
import { stepFleet } from '../../src/core/fleet/step.ts';
import { RESTART_DEFAULTS } from '../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../src/core/process/stop-ladder.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';

const failed: Exit = { by: 'code', code: 3 };
const unmet: Exit = { by: 'refusal', error: 'ENEED', message: "it needs 'db', which failed" };

const instance = (name: string) => fakeInstance(name, { command: 'node x.js', env: { SECRET: 'x' } });

function shown(phase: Phase, lastExit: Exit | null = null): InstanceSnapshot | undefined {
  const process = { ...NEW_PROCESS, phase, lastExit, restarts: 2 };
  const members = new Map([['web.1', { ...newMember({ run: 0, timer: 0 }), process }]]);
  const state = { ...newFleet(fleetSpec([], 'keep')), members };
  const usage = new Map([['web.1', { cpu: 12.5, memory: 4096, memoryKind: 'pss' as const, processes: 1 }]]);
  return snapshotOf(state, [instance('web.1')], usage, 2500.4)[0];
}

const running = { name: 'running', pid: 7, since: 1000, ready: true } as const;

test('has everything of an instance, and nothing of its environment', () => {
  expect(shown(running, failed)).toEqual({
    ...{ name: 'web.1', process: 'web', instance: 1, state: 'running', ready: true, pid: 7 },
    ...{
      cpu: 12.5,
      memory: 4096,
      memoryKind: 'pss',
      uptime: 1.5,
      restarts: 2,
      port: 5000,
      exit: null,
      command: 'node x.js',
    },
  });
});

describe.each<[Phase, Exit | null, Partial<InstanceSnapshot>]>([
  [{ name: 'idle' }, null, { state: 'stopped', pid: null, cpu: null, uptime: null, exit: null }],
  [{ name: 'idle' }, failed, { state: 'stopped', exit: { code: 3 } }],
  [{ name: 'starting' }, failed, { state: 'starting', pid: null, cpu: null, exit: null }],
  [{ ...running, ready: false }, null, { state: 'running', ready: false }],
  [
    { name: 'stopping', pid: 7, since: 500, rung: 0 },
    null,
    { state: 'stopping', ready: false, pid: 7, uptime: 2 },
  ],
  [
    { name: 'clearing', pid: 7, rung: 0, exit: failed, ranMs: 1, asked: false },
    failed,
    { state: 'stopping', pid: null, uptime: null, cpu: 12.5, exit: null },
  ],
  [{ name: 'backoff', exit: failed }, failed, { state: 'backoff', exit: { code: 3 } }],
  [
    { name: 'exited', exit: failed },
    { by: 'signal', signal: 'SIGSEGV' },
    { state: 'exited', exit: { signal: 'SIGSEGV' } },
  ],
  [
    { name: 'failed', why: 'unmet-need', exit: unmet },
    null,
    { state: 'failed', exit: { error: 'ENEED', message: "it needs 'db', which failed" } },
  ],
  [
    { name: 'failed', why: 'gave-up', exit: { by: 'code', code: 1 } },
    { by: 'code', code: 0 },
    { state: 'failed', exit: { code: 0 } },
  ],
])('%j', (phase, lastExit, expected) => {
  test(`is ${String(expected.state)}`, () => {
    expect(shown(phase, lastExit)).toMatchObject(expected);
  });
});

test('is in the order of the instances; who is not measured has no figures', () => {
  const spec = fleetSpec([], 'keep');
  const seen = snapshotOf(newFleet(spec), ['b.1', 'a.1'].map(instance), new Map(), 0);
  expect(seen.map(({ name, state, cpu }) => [name, state, cpu])).toEqual([
    ['b.1', 'stopped', null],
    ['a.1', 'stopped', null],
  ]);
});

describe('one that waits', () => {
  const need = { process: 'db', until: 'ready' } as const;
  const traits = {
    readiness: 'started',
    ladder: stopLadder('SIGTERM', 1),
    restart: RESTART_DEFAULTS,
  } as const;
  const spec = fleetSpec(
    [
      { name: 'web.1', process: 'web', needs: [need], ...traits },
      { name: 'db.1', process: 'db', needs: [], ...traits, readiness: 'probed' },
      { name: 'task.1', process: 'task', needs: [], ...traits, readiness: 'ended', isTask: true },
    ],
    'keep',
  );
  const names = ['web.1', 'db.1', 'task.1'];

  test('names what for, and since when', () => {
    const { state } = stepFleet(
      newFleet(spec),
      { type: 'request', ticket: 1, verb: 'start', names },
      { now: 1000, random: 0 },
    );
    const [web, db] = snapshotOf(state, names.map(instance), new Map(), 2500.4);
    expect(web).toMatchObject({ state: 'waiting', ready: false, waitsFor: [need], waited: 1.5 });
    expect(db).toMatchObject({ state: 'starting', ready: false });
    expect(db).not.toHaveProperty('waitsFor');
  });

  test.each([
    [{ by: 'code', code: 0 }, true],
    [{ by: 'code', code: 1 }, false],
  ] as const)('a task that has ended by %j is ready: %s', (exit, ready) => {
    const process = { ...NEW_PROCESS, phase: { name: 'exited', exit } as const };
    const members = new Map([['task.1', { ...newMember({ run: 0, timer: 0 }), process }]]);
    expect(snapshotOf({ ...newFleet(spec), members }, [instance('task.1')], new Map(), 0)[0]?.ready).toBe(
      ready,
    );
  });
});
