import { expect, test } from 'vitest';
import type { InstanceFact } from '../../src/core/events.ts';
import { groupFiles, type OwnGroup } from '../../src/core/limits/enforcing.ts';
import type { WatchedLimit } from '../../src/core/limits/limits.ts';
import type { ControlGroupSystem } from '../../src/ports/control-groups.ts';
import { createEnforcement } from '../../src/runtime/enforcement.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const MEMORY: WatchedLimit = { kind: 'memory', max: 1024, forMs: 0, action: 'restart' };
const PIDS: WatchedLimit = { kind: 'processes', max: 5, forMs: 0, action: 'restart' };
const OWN: OwnGroup = {
  ...{ directory: '/own', controllers: ['memory', 'pids', 'cpu'] },
  ...{ isOurs: true, isRoot: false, hasStrangers: false },
};

interface Setting {
  readonly own?: OwnGroup | null;
  readonly scopes?: 'available' | { readonly why: string };
  readonly refusal?: Error;
}

/** A kernel with groups as maps of their files, and a systemd. */
function setUp({ own = OWN, scopes = 'available', refusal }: Setting = {}) {
  const clock = createVirtualClock();
  const groups = new Map<string, Record<string, string>>();
  const counts = new Map<string, { memory: number; processes: number }>();
  const busy = new Set<string>();
  const waiting = new Set<string>();
  const told: (InstanceFact & { readonly name: string })[] = [];
  const refusals: string[] = [];
  const properties: string[] = [];
  const limits = new Map<string, readonly WatchedLimit[]>();
  const removeEmpty = (): void => {
    for (const directory of waiting)
      if (!busy.has(directory)) {
        waiting.delete(directory);
        groups.delete(directory);
      }
  };
  const system: ControlGroupSystem = {
    ownGroup: () => Promise.resolve(own),
    openGroups: () => {
      if (refusal !== undefined) return Promise.reject(refusal);
      return Promise.resolve({
        make(name, given) {
          groups.set(`/own/${name}`, groupFiles(given));
          return `/own/${name}`;
        },
        change: (directory, given) => void Object.assign(groups.get(directory) ?? {}, groupFiles(given)),
        remove(directory) {
          waiting.add(directory);
          removeEmpty();
        },
        removeEmpty,
        close: () => Promise.resolve(),
      });
    },
    countsOf: (directory) => counts.get(directory) ?? { memory: 0, processes: 0 },
    scopes: () => Promise.resolve(scopes),
    unitPrefix: 'procsup.x',
    manager: ['--user'],
    setProperties: (unit, given) => {
      properties.push(unit, ...given);
      return Promise.resolve();
    },
    directoryOfUnit: (unit) => `/slice/${unit}`,
    shellFor: () => ['/bin/sh'],
  };
  const enforcement = createEnforcement({
    ...{ system, clock },
    record: (name, fact) => told.push({ name, ...fact }),
    refused: (reason) => refusals.push(reason),
    limitsOf: (name) => limits.get(name) ?? [],
  });
  const open = (name: string, given: readonly WatchedLimit[]) => {
    limits.set(name, given);
    return enforcement.open(name, given);
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ enforcement, open, clock, groups, counts, busy, told, refusals, properties, limits, settled },
  };
}

test('each run has a group of its own, instances apart, and it is removed when nothing is in it', async () => {
  const { open, groups, busy, clock, enforcement, settled } = setUp();
  const one = await open('web.1', [MEMORY]);
  const other = await open('web.2', [{ ...MEMORY, max: 2048 }]);
  expect(Object.fromEntries(groups)).toEqual({
    '/own/web.1.1': { 'memory.max': '1024' },
    '/own/web.2.2': { 'memory.max': '2048' },
  });
  expect(one?.confine('exec x', {})).toContain('echo $$ >/own/web.1.1/cgroup.procs');
  expect(enforcement.keeps('web.1', 'memory')).toBe(true);
  expect(enforcement.keeps('web.1', 'cpu')).toBe(false);
  busy.add('/own/web.1.1');
  one?.close();
  other?.close();
  expect(enforcement.keeps('web.1', 'memory')).toBe(false);
  expect([...groups.keys()]).toEqual(['/own/web.1.1']);
  const again = await open('web.1', [MEMORY]);
  expect([...groups.keys()]).toEqual(['/own/web.1.1', '/own/web.1.3']);
  busy.clear();
  clock.advance(1000);
  await settled();
  expect([...groups.keys()]).toEqual(['/own/web.1.3']);
  again?.close();
  clock.advance(2000);
  expect(clock.timerCount).toBe(0);
});

test('what the kernel has killed is told within a second, and at the end; refused processes once', async () => {
  const { open, counts, clock, told } = setUp();
  const run = await open('web.1', [MEMORY, PIDS]);
  counts.set('/own/web.1.1', { memory: 1, processes: 3 });
  clock.advance(1000);
  const kept = (limit: 'memory' | 'processes', max: number, count: number) => ({
    ...{ type: 'limit-kept', name: 'web.1', limit, max, count },
  });
  expect(told.splice(0)).toEqual([kept('memory', 1024, 1), kept('processes', 5, 3)]);
  clock.advance(3000);
  expect(told).toEqual([]);
  counts.set('/own/web.1.1', { memory: 3, processes: 90 });
  run?.close();
  run?.close();
  expect(told).toEqual([kept('memory', 1024, 2)]);
});

test('a reload changes the limits of what runs', async () => {
  const { open, limits, groups, clock, enforcement } = setUp();
  await open('web.1', [MEMORY, PIDS]);
  limits.set('web.1', [{ ...MEMORY, max: 4096 }]);
  clock.advance(1000);
  expect(groups.get('/own/web.1.1')).toEqual({ 'memory.max': '4096', 'pids.max': 'max' });
  expect(enforcement.keeps('web.1', 'processes')).toBe(false);
});

test('without a group of our own systemd makes a scope, whose properties a reload changes', async () => {
  const { open, limits, counts, clock, told, properties, groups } = setUp({ own: null });
  const run = await open('web.1', [MEMORY]);
  expect(groups.size).toBe(0);
  expect(run?.confine('exec x', {})).toMatch(
    /^exec systemd-run --user --scope .*--unit=procsup\.x-web\.1\.1\.scope -p 'MemoryMax=1024' -- \/bin\/sh -c 'exec x'$/,
  );
  limits.set('web.1', [{ ...MEMORY, max: 4096 }]);
  clock.advance(1000);
  expect(properties).toEqual(['procsup.x-web.1.1.scope', 'MemoryMax=4096']);
  counts.set('/slice/procsup.x-web.1.1.scope', { memory: 1, processes: 0 });
  run?.close();
  expect(told).toMatchObject([{ type: 'limit-kept', limit: 'memory', max: 4096 }]);
});

test('where there is no way it is told once, and the runs begin', async () => {
  const { open, refusals, enforcement } = setUp({
    own: null,
    scopes: { why: 'systemd-run is not installed' },
  });
  expect(await open('web.1', [MEMORY])).toBeUndefined();
  expect(await open('web.2', [MEMORY])).toBeUndefined();
  expect(refusals).toEqual(['there is no cgroup v2; systemd-run is not installed']);
  expect(enforcement.keeps('web.1', 'memory')).toBe(false);
});

test('where the system refuses a group it is told, and the run begins', async () => {
  const { open, refusals } = setUp({ refusal: new Error('EBUSY: device or resource busy') });
  expect(await open('web.1', [MEMORY])).toBeUndefined();
  expect(refusals).toEqual(['EBUSY: device or resource busy']);
});
