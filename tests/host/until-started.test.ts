import { expect, test } from 'vitest';
import type { AppSpec } from '../../src/core/plan/app-spec.ts';
import { newMember, type Member } from '../../src/core/fleet/state.ts';
import { NEW_PROCESS, type Phase } from '../../src/core/process/state.ts';
import { untilStarted } from '../../src/host/daemon/until-started.ts';
import type { Running } from '../../src/host/wire.ts';

const COUNT = 200;

interface Fleet {
  readonly running: Running;
  readonly instances: AppSpec['instances'];
  /** How often one was looked at. */
  readonly looks: () => number;
  readonly become: (at: number, phase: Phase | 'waiting') => void;
  readonly tell: () => void;
}

function fleetOf(count: number): Fleet {
  const names = Array.from({ length: count }, (_, at) => `p${String(at)}`);
  const phases = new Map<string, Phase | 'waiting'>();
  let looks = 0;
  let tell = (): void => expect.fail('nobody listens');
  const members = {
    get: (name: string): Member => {
      looks += 1;
      const phase = phases.get(name) ?? { name: 'idle' };
      const member = newMember({ run: 0, timer: 0 });
      return phase === 'waiting'
        ? { ...member, waitingSince: 0 }
        : { ...member, process: { ...NEW_PROCESS, phase } };
    },
  };
  const state = { spec: { byName: new Map() }, tallies: new Map(), members };
  const running = {
    supervisor: { state },
    onChange: (listener: () => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  return {
    running: running as unknown as Running,
    instances: names.map((process) => ({
      name: `${process}.1`,
      process,
    })) as unknown as AppSpec['instances'],
    looks: () => looks,
    become: (at, phase) => void phases.set(`p${String(at)}.1`, phase),
    tell: () => tell(),
  };
}

const starting: Phase = { name: 'starting' };
const running = (ready: boolean): Phase => ({ name: 'running', pid: 7, since: 0, ready });

function waitFor({ running: run, instances }: Fleet, wait: 'no' | 'started' | 'ready') {
  let isOver = false;
  const started = untilStarted(run, instances, { wait }).then((isLate) => {
    isOver = true;
    return isLate;
  });
  return {
    started,
    isOver: async () => {
      await Promise.resolve();
      return isOver;
    },
  };
}

/** Each becomes ready in its turn, and the next one starts. */
test('of many that wait for each other, a change costs a look at a few', async () => {
  const fleet = fleetOf(COUNT);
  fleet.become(0, running(false));
  const { started, isOver } = waitFor(fleet, 'ready');
  for (let at = 0; at < COUNT; at += 1) {
    expect(await isOver()).toBe(false);
    fleet.become(at, running(true));
    if (at + 1 < COUNT) fleet.become(at + 1, running(false));
    fleet.tell();
  }
  expect(await started).toBe(false);
  expect(fleet.looks()).toBeLessThan(COUNT * 5);
});

test.each(['no', 'started'] as const)(
  'of many that are started at once, a change costs a look at a few: wait %s',
  async (wait) => {
    const fleet = fleetOf(COUNT);
    for (let at = 0; at < COUNT; at += 1) fleet.become(at, starting);
    const { started, isOver } = waitFor(fleet, wait);
    for (let at = 0; at < COUNT; at += 1) {
      expect(await isOver()).toBe(false);
      fleet.become(at, running(false));
      fleet.tell();
    }
    expect(await started).toBe(false);
    expect(fleet.looks()).toBeLessThan(COUNT * 10);
  },
);

/** The first is started; when it is ready the next one starts, and so on. */
test('of many that wait for each other to be ready, each change costs a look at a few until all are started', async () => {
  const fleet = fleetOf(COUNT);
  fleet.become(0, starting);
  for (let at = 1; at < COUNT; at += 1) fleet.become(at, 'waiting');
  const { started, isOver } = waitFor(fleet, 'started');
  for (let at = 0; at < COUNT; at += 1) {
    expect(await isOver()).toBe(false);
    fleet.become(at, running(false));
    fleet.tell();
    if (at + 1 === COUNT) break;
    expect(await isOver()).toBe(false);
    fleet.become(at, running(true));
    fleet.become(at + 1, starting);
    fleet.tell();
  }
  expect(await started).toBe(false);
  expect(fleet.looks()).toBeLessThan(COUNT * 15);
});

test('what waits for one that cannot become ready any more is not waited for', async () => {
  const fleet = fleetOf(2);
  fleet.become(0, running(false));
  fleet.become(1, 'waiting');
  const { started, isOver } = waitFor(fleet, 'started');
  expect(await isOver()).toBe(false);
  fleet.become(0, { name: 'failed', exit: { by: 'code', code: 1 } } as Phase);
  fleet.tell();
  expect(await started).toBe(false);
});
