import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  baseName,
  changedLimits,
  controllersFor,
  groupFiles,
  groupName,
  inGroup,
  inScope,
  ownerOf,
  unitProperties,
  wayTo,
  type Facts,
  type OwnGroup,
  type Way,
} from '../../../src/core/limits/enforcing.ts';
import type { WatchedKind, WatchedLimit } from '../../../src/core/limits/limits.ts';
import { runTagOf } from '../../../src/core/run-tag.ts';
import { scratch } from '../../helpers/scratch.ts';

const limit = (kind: WatchedKind, max: number): WatchedLimit => ({ kind, max, forMs: 0, action: 'restart' });

describe('what is written for a limit', () => {
  const cases: readonly (readonly [
    kind: WatchedKind,
    max: number,
    file: string,
    value: string,
    property: string,
  ])[] = [
    ['memory', 512 * 1024 * 1024, 'memory.max', '536870912', 'MemoryMax=536870912'],
    ['memory', 1000.5, 'memory.max', '1000', 'MemoryMax=1000'],
    ['memory', Infinity, 'memory.max', 'max', 'MemoryMax=infinity'],
    ['cpu', 1.5, 'cpu.max', '150000 100000', 'CPUQuota=150%'],
    ['cpu', 0.02, 'cpu.max', '2000 100000', 'CPUQuota=2%'],
    ['cpu', 0.005, 'cpu.max', '5000 1000000', 'CPUQuota=1%'],
    ['cpu', 0.0001, 'cpu.max', '1000 1000000', 'CPUQuota=1%'],
    ['cpu', Infinity, 'cpu.max', 'max', 'CPUQuota='],
    ['processes', 50, 'pids.max', '50', 'TasksMax=50'],
    ['processes', Infinity, 'pids.max', 'max', 'TasksMax=infinity'],
  ];
  test.each(cases)('%s of %d', (kind, max, file, value, property) => {
    expect(groupFiles([limit(kind, max)])).toEqual({ [file]: value });
    expect(unitProperties([limit(kind, max)])).toEqual([property]);
  });

  test('needs its controllers', () => {
    expect(controllersFor([limit('memory', 1), limit('cpu', 1), limit('processes', 1)])).toEqual([
      'memory',
      'cpu',
      'pids',
    ]);
  });

  test('that a reload has taken away is lifted', () => {
    const [memory, cpu, more] = [limit('memory', 1), limit('cpu', 1), limit('memory', 2)];
    expect(changedLimits([memory, cpu], [more])).toEqual([more, { ...cpu, max: Infinity }]);
  });
});

describe('the way to a control group', () => {
  const OWN: OwnGroup = {
    directory: '/sys/fs/cgroup/app',
    controllers: ['cpu', 'memory', 'pids'],
    isOurs: true,
    isRoot: false,
    hasStrangers: false,
  };
  const NO = { why: 'systemd-run is not installed' };
  const GROUP: Way = { by: 'group' };
  const none = (why: string): Way => ({ by: 'none', why: `${why}; systemd-run is not installed` });
  const cases: readonly (readonly [
    title: string,
    group: OwnGroup | null,
    scopes: Facts['scopes'],
    way: Way,
  ])[] = [
    ['is our own', OWN, NO, GROUP],
    ['is our own also where systemd could make one', OWN, 'available', GROUP],
    ['is that of the machine, whoever is in it', { ...OWN, isRoot: true, hasStrangers: true }, NO, GROUP],
    ['is a scope where ours has others', { ...OWN, hasStrangers: true }, 'available', { by: 'scope' }],
    ['is a scope where there is no cgroup v2', null, 'available', { by: 'scope' }],
    ['is none where there is no cgroup v2', null, NO, none('there is no cgroup v2')],
    [
      'is none with strangers',
      { ...OWN, hasStrangers: true },
      NO,
      none('control group /sys/fs/cgroup/app has other processes'),
    ],
    [
      'is none where we may not write',
      { ...OWN, isOurs: false },
      NO,
      none('control group /sys/fs/cgroup/app is not writable'),
    ],
    [
      'is none without a controller',
      { ...OWN, controllers: ['cpu', 'hugetlb'] },
      NO,
      none('control group /sys/fs/cgroup/app has no memory, pids'),
    ],
  ];
  test.each(cases)('%s', (_title, group, scopes, way) => {
    expect(wayTo(['memory', 'pids'], { group, scopes })).toEqual(way);
  });
});

describe('a script in its group', () => {
  test('has entered it before it begins, with the pid that it keeps', () => {
    const directory = scratch({ 'cgroup.procs': '' });
    const script = inGroup(directory, `cat '${directory}/cgroup.procs'; exec sh -c 'echo $$'`);
    const { stdout, status } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
    const [entered, own] = stdout.split('\n');
    expect({ status, entered }).toEqual({ status: 0, entered: own });
  });

  test('does not begin where it cannot enter', () => {
    const script = inGroup('/nowhere/it is', 'echo begun');
    expect(spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toMatchObject({
      status: 126,
      stdout: '',
      stderr: 'procsup: cannot enter control group /nowhere/it is\n',
    });
  });

  test('or a scope is run by systemd-run, and quoted', () => {
    const bin = scratch({});
    const told = join(bin, 'told');
    writeFileSync(
      join(bin, 'systemd-run'),
      `#!/bin/sh\nwhile [ "$1" != -- ]; do echo "$1"; shift; done >'${told}'\nshift; exec "$@"\n`,
      { mode: 0o755 },
    );
    const script = inScope(
      {
        manager: ['--user'],
        unit: 'procsup.x-web.1.1.scope',
        limits: [limit('memory', 1024), limit('cpu', 2)],
      },
      `echo "it's $((1 + 1))"`,
      ['/bin/sh'],
    );
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    expect(spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', env })).toMatchObject({
      status: 0,
      stdout: "it's 2\n",
    });
    expect(readFileSync(told, 'utf8').trim().split('\n')).toEqual([
      '--user',
      '--scope',
      '--quiet',
      '--collect',
      '--unit=procsup.x-web.1.1.scope',
      ...['-p', 'MemoryMax=1024', '-p', 'CPUQuota=200%'],
    ]);
  });
});

test('the names of groups tell their supervisor, and have characters that systemd takes', () => {
  expect(ownerOf(baseName(runTagOf(4711, Date.UTC(2026, 0), 0.5)))).toBe(4711);
  for (const other of ['procsup.', 'procsup.x', 'init.scope', 'supervisor'])
    expect(ownerOf(other)).toBeUndefined();
  expect(groupName('web.1', 7)).toBe('web.1.7');
  expect(groupName('pool/a b', 7)).toBe('pool_a_b.7');
});
