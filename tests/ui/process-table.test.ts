import { expect, test } from 'vitest';
import { plainTheme } from '../../src/ui/paint.ts';
import { processTable, statsTable } from '../../src/ui/process-table.ts';
import { snapshotFor } from '../helpers/fake-api.ts';

const PROCESSES = [
  snapshotFor('web.1', { pid: 4242, cpu: 12.34, memory: 50 * 1024 * 1024, uptime: 3725, listening: [3000] }),
  snapshotFor('worker.1', {
    state: 'backoff',
    pid: null,
    cpu: null,
    memory: null,
    uptime: null,
    restarts: 12,
    port: 5100,
    exit: { code: 3 },
    command: 'sh\x1b[2J x',
  }),
  snapshotFor('db.1', {
    state: 'failed',
    pid: null,
    cpu: null,
    memory: null,
    uptime: null,
    exit: { error: 'ENOENT', message: 'm' },
  }),
];

test('ps names what a process waits for', () => {
  const waitsFor = [
    { process: 'db', until: 'ready' },
    { process: 'migrate', until: 'succeeded' },
  ] as const;
  const table = processTable([snapshotFor('web.1', { state: 'waiting', pid: null, waitsFor })], plainTheme);
  expect(table).toContain('web.1  waiting (db, migrate)  ');
});

test('ps names the other run of a rolling restart', () => {
  const otherRun = { is: 'new', pid: 4243, state: 'starting' } as const;
  const table = processTable([snapshotFor('web.1', { pid: 4242, otherRun })], plainTheme);
  expect(table).toContain('web.1  running (new run 4243 starting)  ');
});

test('ps', () => {
  expect(processTable(PROCESSES, plainTheme)).toBe(
    [
      'NAME      STATE             PID    CPU  MEMORY  UPTIME  RESTARTS  PORT  LISTENS  COMMAND',
      'web.1     running          4242  12.3%   50.0M   1h02m         0  5000     3000  node server.js',
      'worker.1  backoff (3)         -      -       -       -        12  5100        -  sh␛[2J x',
      'db.1      failed (ENOENT)     -      -       -       -         0  5000        -  node server.js',
      '',
    ].join('\n'),
  );
});

test('ps of nobody, and on a narrow terminal', () => {
  expect(processTable([], plainTheme)).toBe(
    'NAME  STATE  PID  CPU  MEMORY  UPTIME  RESTARTS  PORT  LISTENS  COMMAND\n',
  );
  for (const line of processTable(PROCESSES, plainTheme, 40).trimEnd().split('\n'))
    expect(line).toHaveLength(40);
});

test('states are painted, and what ended by a signal says so', () => {
  const theme = { ...plainTheme, error: (text: string) => `<${text}>`, dim: (text: string) => `(${text})` };
  const [failed, stopped] = [
    snapshotFor('a.1', { state: 'failed', exit: { signal: 'SIGKILL' } }),
    snapshotFor('a.2', { state: 'stopped' }),
  ];
  expect(processTable([failed, stopped], theme)).toContain('<failed (SIGKILL)>');
  expect(processTable([failed, stopped], theme)).toContain('(stopped)');
});

test('resident memory is marked, also in a sum, and the units stay below each other', () => {
  const MIB = 1024 * 1024;
  const all = [
    snapshotFor('web.1', { pid: 1, memory: 361 * MIB, memoryKind: 'rss' }),
    snapshotFor('db.1', { pid: 2, memory: 12 * MIB }),
    snapshotFor('job.1', { state: 'stopped', pid: null, cpu: null, memory: null, memoryKind: null }),
  ];
  expect(statsTable(all, plainTheme)).toBe(
    [
      'NAME   PID   CPU  MEMORY',
      'web.1    1  1.5%   361M*',
      'db.1     2  1.5%  12.0M',
      'job.1    -     -      -',
      'all      -  3.0%   373M*',
      '',
    ].join('\n'),
  );
  expect(processTable(all.slice(0, 2), plainTheme)).toContain('361M*');
  expect(processTable(all.slice(1), plainTheme)).not.toContain('*');
});

test('stats, with a sum where there are several', () => {
  expect(statsTable(PROCESSES.slice(0, 2), plainTheme)).toBe(
    [
      'NAME       PID    CPU  MEMORY',
      'web.1     4242  12.3%   50.0M',
      'worker.1     -      -       -',
      'all          -  12.3%   50.0M',
      '',
    ].join('\n'),
  );
  expect(statsTable(PROCESSES.slice(0, 1), plainTheme)).not.toContain('all');
});
