/** `pools` in procsup.yaml: what is planned, and what is told. */
import { describe, expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { readProcfile } from '../../src/config/procfile.ts';
import { memberOf } from '../../src/core/fleet/member-of.ts';
import { planApp, type PlanInput } from '../../src/core/plan/plan-app.ts';
import { isService } from '../../src/core/plan/process-plan.ts';
import { resolvedKeys } from '../../src/core/plan/resolved.ts';
import { FOREGROUND_DEFAULTS } from '../../src/host/options.ts';

const plan = (yaml: string, more: Partial<PlanInput> = {}) =>
  planApp({
    ...{ root: '/p', procfile: 'none', envFiles: [], realEnv: {} },
    appFile: readAppFileText('procsup.yaml', { ok: true, text: yaml }),
    ...more,
  });
const workersOf = (yaml: string, more?: Partial<PlanInput>) => {
  const { value, problems } = plan(yaml, more);
  return value?.instances ?? expect.fail(JSON.stringify(problems));
};
const planOf = (yaml: string) => {
  const [worker] = workersOf(yaml);
  return worker !== undefined && isService(worker.plan) ? worker.plan : expect.fail('no worker');
};

const ALL = `
caps: {db: 2}
pools:
  resize:
    command: [python3, worker.py]
    size: 4
    framing: json
    recycle: 1000
    max_memory: 300MiB
    retries: 2
    timeout: 30s
    uses: {db: 1}
    environment: {LEVEL: 3}
    stop_grace_period: 20s
`;

describe('what is planned', () => {
  test('workers are instances', () => {
    expect(workersOf(ALL).map(({ name, command }) => [name, command])).toEqual(
      [1, 2, 3, 4].map((n) => [`resize.${String(n)}`, 'python3 worker.py']),
    );
    expect(workersOf(ALL, { formation: 'resize=2' }).length).toBe(2);
    expect(workersOf(ALL, { formation: 'all=1' }).length).toBe(4);
  });

  test('what holds for tasks', () => {
    expect(planOf(ALL)).toMatchObject({
      pool: {
        ...{ framing: 'json', recycleAfter: 1000, maxMemoryBytes: 300 * 1024 * 1024, retries: 2 },
        ...{ timeoutMs: 30_000, uses: [{ cap: 'db', amount: 1 }] },
      },
      environment: { LEVEL: '3' },
      stop: { timeoutMs: 20_000 },
    });
    expect(planOf('pools: {a: {command: cat}}').pool).toEqual({
      ...{ framing: 'line', recycleAfter: Infinity, maxMemoryBytes: Infinity, retries: 0 },
      ...{ timeoutMs: Infinity, uses: [] },
    });
  });

  test('they are always brought back, do not end the run, and hear the end of their stdin before a signal', () => {
    const [worker] = workersOf('defaults: {restart: never, on_exit: stop}\npools: {a: {command: cat}}');
    const member = memberOf(worker ?? expect.fail('no worker'), FOREGROUND_DEFAULTS);
    expect(member).toMatchObject({
      restart: { mode: 'always' },
      ...{ onExit: 'keep', readiness: 'started', hooks: { start: false, stop: true, end: false } },
    });
    expect(member.stdinIsEmpty).toBeUndefined();
  });

  test('of the defaults they have what a pool may say itself', () => {
    const defaults = `defaults:
  {environment: {A: 1}, stop_signal: INT, stop_command: x, tty: true, uses: db, instances: 3, pre_start: y}
caps: {db: 1}
`;
    const given = planOf(`${defaults}pools: {a: {command: cat, environment: {B: 2}}}`);
    expect(given).toMatchObject({
      ...{ environment: { A: '1', B: '2' }, stop: { signal: 'SIGINT' }, instances: 1 },
    });
    for (const key of ['tty', 'uses', 'hooks']) expect(given).not.toHaveProperty(key);
    expect(given.stop).not.toHaveProperty('command');
  });

  test('they change the PORT of nothing, and tell none', () => {
    const yaml = 'processes: {web: {command: x}}\npipelines: {log: [a, b]}\n';
    const ports = (text: string) =>
      workersOf(text)
        .filter(({ process }) => process !== 'a')
        .map(({ name, port, env }) => [name, port, Object.keys(env.common)]);
    expect(ports(`${yaml}pools: {a: {command: cat}}`)).toEqual(ports(yaml));
  });

  test('check says their keys with their origins', () => {
    const keys = resolvedKeys(planOf(ALL), {
      ...{ root: '/p', defaults: FOREGROUND_DEFAULTS, instances: 4 },
    });
    const said = Object.fromEntries(keys.map(({ key, value, from }) => [key, [value, typeof from]]));
    expect(said).toMatchObject({
      ...{ command: ['python3 worker.py', 'object'], size: [4, 'object'], recycle: [1000, 'object'] },
      ...{ max_memory: ['300MiB', 'object'], timeout: ['30s', 'object'], uses: [{ db: 1 }, 'object'] },
      ...{ autostart: [true, 'string'], stop_signal: ['SIGTERM', 'string'] },
    });
    expect(said).not.toHaveProperty('instances');
  });
});

test.each<[string, string, string]>([
  ['pools: {a: {}}', '1:9', "missing key 'command' in pool 'a'"],
  ['pools: {a: {comand: x}}', '1:13', "did you mean 'command'?"],
  ['pools: {a: {command: x, sise: 2}}', '1:25', "did you mean 'size'?"],
  ['pools: {a: {command: x, size: 0}}', '1:31', "invalid value 0 for 'size'"],
  ['pools: {a: {command: x, framing: lines}}', '1:34', "did you mean 'line'?"],
  ['pools: {a: {command: x, max_memory: much}}', '1:37', "invalid size 'much' for 'max_memory'"],
  ['pools: {a: {command: x, timeout: 0}}', '1:34', "invalid value 0 for 'timeout'"],
  ['pools: {a: {command: x, timeout: soon}}', '1:34', "invalid duration 'soon'"],
  ['pools: {a: {command: x, retries: -1}}', '1:34', "invalid value -1 for 'retries'"],
  ['pools: {"a b": {command: x}}', '1:9', "invalid pool name 'a b'"],
  ['pools: {a: {command: ""}}', '1:22', 'empty command'],
  ['pools: {a: {command: x, tty: true}}', '1:25', "unknown key 'tty'"],
  ['pools: {a: x}', '1:12', "pool 'a' must be a map"],
  ['pools: {a: {command: x, uses: gpu}}', '1:25', "'a' uses the unknown cap 'gpu'"],
  ['pools: {a: {command: x, depends_on: [db]}}', '1:38', "'a' depends on the unknown process 'db'"],
  [
    'processes: {a: {command: x}}\npools: {a: {command: x}}',
    '2:9',
    "duplicate name 'a': it is also a process (procsup.yaml:1)",
  ],
  [
    'pipelines: {a: [x, y]}\npools: {a: {command: x}}',
    '2:9',
    "duplicate name 'a': it is also a pipeline (procsup.yaml:1)",
  ],
  [
    'processes: {a: {env_file: .a}}\npools: {a: {command: x}}',
    '1:13',
    "duplicate name 'a': it is also a pool (procsup.yaml:2)",
  ],
])('%s', (yaml, at, words) => {
  const { problems } = plan(yaml, { mayBeEmpty: true });
  const told = problems.map(
    ({ message, remedy, place }) =>
      `${String(place?.line)}:${String(place?.column)} ${message}; ${String(remedy)}`,
  );
  expect(told.filter((text) => text.startsWith(`${at} `)).join('\n')).toContain(words);
  expect(told.length).toBe(1);
});

test('all problems are told at once', () => {
  const yaml = 'pools: {a: {size: 0, framing: x}, b: {command: y, recycle: 0, x-note: 1}}';
  expect(plan(yaml, { mayBeEmpty: true }).problems.map(({ message }) => message)).toEqual([
    "missing key 'command' in pool 'a'",
    "invalid value 0 for 'size'",
    "invalid value 'x' for 'framing'",
    "invalid value 0 for 'recycle'",
  ]);
});

test('a process of the Procfile with the name of a pool is told, and --tty of a pool', () => {
  const yaml = 'pools: {a: {command: x}}';
  const procfile = readProcfile('a: y', 'Procfile');
  expect(plan(yaml, { procfile }).problems).toMatchObject([
    { message: "duplicate name 'a': it is also a process (Procfile:1)" },
  ]);
  expect(plan(yaml, { tty: ['a'] }).problems).toMatchObject([
    { message: "'a' is a pool: its workers read tasks from stdin, and cannot have a terminal" },
  ]);
});
