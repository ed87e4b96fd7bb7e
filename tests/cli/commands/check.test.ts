import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shapeIssues } from '../../../src/config/schema/schema.ts';
import { check, type CheckOptions } from '../../../src/cli/commands/check.ts';
import { plainPaint } from '../../../src/ui/problem-text.ts';

/** All that a process may have: an unknown key names them. */
function keysOfProcess(): readonly string[] {
  const [issue] = shapeIssues({ processes: { web: { zzzzzzzzzzz: 1 } } });
  return issue?.kind === 'unknown-key' ? issue.known : expect.fail('no unknown key');
}

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'procsup-check-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function run(options: CheckOptions, procfile: string | undefined, env?: string, yaml?: string) {
  if (procfile !== undefined) writeFileSync(join(cwd, 'Procfile'), procfile);
  if (yaml !== undefined) writeFileSync(join(cwd, 'procsup.yaml'), yaml);
  if (env !== undefined) writeFileSync(join(cwd, '.env'), env);
  let [stdout, stderr] = ['', ''];
  const status = await check(options, {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    env: { PATH: '/usr/bin:/bin' },
    cwd,
    paint: plainPaint,
  });
  return { status, stdout, stderr };
}

test('says what it has found', async () => {
  expect(await run({}, 'web: x\nworker: y\n')).toEqual({
    status: 0,
    stdout: '',
    stderr: 'Valid procfile detected (web, worker)\n',
  });
});

test('shows warnings; --strict makes them errors', async () => {
  const lenient = await run({}, 'web: x\n oops');
  expect(lenient.status).toBe(0);
  expect(lenient.stderr).toMatch(/^warning: Procfile:2:2: .*\n[^]*Valid procfile detected \(web\)\n$/);
  const strict = await run({ strict: true }, 'web: x\n oops');
  expect(strict.status).toBe(2);
  expect(strict.stderr).toMatch(/^error: Procfile:2:2: /);
  expect(strict.stderr).not.toContain('Valid');
});

test('shows all errors of all files', async () => {
  const { status, stderr } = await run({ names: ['wbe'], port: 'x' }, 'web: x\nweb: y', 'oops');
  expect(status).toBe(2);
  expect(stderr).toContain("did you mean 'web'?");
  expect(stderr).toMatch(/\n3 errors, 1 warning\n$/);
});

test('--json prints the plan without any value of an environment file', async () => {
  const { status, stdout, stderr } = await run({ json: true }, 'web: x', 'KEY=hunter2\nMY KEY=hunter2');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toContain('hunter2');
  expect(JSON.parse(stdout)).toMatchObject({
    valid: true,
    root: cwd,
    procfile: 'Procfile',
    envFiles: ['.env'],
    envExpand: false,
    envFileVariables: ['KEY'],
    processes: ['web'],
    instances: [{ name: 'web.1', process: 'web', instance: 1, port: 5000, command: 'x' }],
    problems: [{ code: 'env-file-dead-line', place: { file: '.env', line: 2, column: 1 } }],
  });
});

test('--json names the variables that the processes get from us', async () => {
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  const { stdout: all } = await run({ json: true }, 'web: x');
  expect(JSON.parse(all)).toMatchObject({ addedVariables: ['PYTHONUNBUFFERED'] });
  const localBin = async (options: CheckOptions) => {
    const { stdout } = await run({ json: true, ...options }, 'web: x', 'PYTHONUNBUFFERED=');
    return JSON.parse(stdout) as { addedVariables: string[]; localBin: string[] };
  };
  const [first = ''] = (await localBin({ localBin: true })).localBin;
  expect(first).toBe(join(cwd, 'node_modules/.bin'));
  expect((await localBin({ localBin: true })).addedVariables).toContain('PATH');
  expect(await localBin({})).toMatchObject({ addedVariables: [], localBin: [] });
});

test('--json prints the problems of what is invalid', async () => {
  const { status, stdout, stderr } = await run({ json: true }, '');
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ valid: false, problems: [{ code: 'procfile-empty' }] });
  expect((await run({ json: true, strict: true }, 'a: x\noops')).status).toBe(2);
});

const YAML =
  'pipelines:\n  ingest:\n    stages: [a, {name: parse, command: b, restart: always}]\n    drain: 1s\n';

test('a project of pipelines alone has no Procfile to be valid', async () => {
  expect((await run({}, undefined, undefined, YAML)).stderr).toBe('Valid procsup.yaml detected (ingest)\n');
});

test('pipelines are checked as well', async () => {
  expect(await run({}, 'web: x\n', undefined, YAML)).toEqual({
    status: 0,
    stdout: '',
    stderr: 'Valid procfile detected (web, ingest)\n',
  });
  const { status, stderr } = await run({}, 'web: x\n', undefined, YAML.replace('stages', 'stagse'));
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: [
      "error: procsup.yaml:3:5: unknown key 'stagse'",
      '        stagse: [a, {name: parse, command: b, restart: always}]',
      '        ^^^^^^',
      "  help: did you mean 'stages'? valid keys: stages, restart, drain",
      '',
    ].join('\n'),
  });
});

test('names procsup.yaml where there is no Procfile', async () => {
  const { status, stderr } = await run({}, undefined, undefined, YAML);
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'Valid procsup.yaml detected (ingest)\n' });
});

test('--json tells how stages stand in their pipeline', async () => {
  const { stdout } = await run({ json: true }, 'web: x', undefined, YAML);
  const { processes, pipelines, instances } = JSON.parse(stdout) as Record<string, unknown>;
  expect({ processes, pipelines, instances }).toEqual({
    processes: ['web', 'ingest'],
    pipelines: ['ingest'],
    instances: [
      { name: 'web.1', process: 'web', instance: 1, port: 5000, command: 'x' },
      {
        name: 'ingest/1',
        process: 'ingest',
        instance: 1,
        port: 5100,
        command: 'a',
        stage: {
          ...{ number: 1, upstream: null, downstream: 'ingest/parse' },
          ...{ joinsStderr: false, restart: null, drainMs: 1_000 },
        },
      },
      {
        name: 'ingest/parse',
        process: 'ingest',
        instance: 2,
        port: 5101,
        command: 'b',
        stage: {
          ...{ number: 2, upstream: 'ingest/1', downstream: null },
          ...{ joinsStderr: false, restart: 'always', drainMs: 1_000 },
        },
      },
    ],
  });
});

test.runIf(process.platform === 'linux')('names a variable that no program can get', async () => {
  const { status, stderr } = await run({}, 'web: x\n', `A=1\nHUGE=${'x'.repeat(200_000)}\n`);
  expect(status).toBe(2);
  expect(stderr).toContain(
    "error: the environment variable 'HUGE' is too large (200006 bytes; the limit is 131072)",
  );
});

test('says which programs cannot be executed, once for each', async () => {
  mkdirSync(join(cwd, 'dir'));
  writeFileSync(join(cwd, 'plain'), '');
  writeFileSync(join(cwd, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 });
  const procfile = 'a: ./dir\nb: ./plain x\nc: ./script\nd: cd / && ./script\ne: ./missing\n';
  const { status, stderr } = await run({ formation: 'a=2' }, procfile);
  expect(status).toBe(2);
  expect(stderr.match(/cannot run '.*': .*(?= \()/g)).toEqual([
    "cannot run './dir': is a directory",
    "cannot run './plain': not executable",
    "cannot run './script': interpreter '/no/such/interpreter' not found",
  ]);
});

describe('with procsup.yaml', () => {
  const YAML = `defaults:
  stop_grace_period: 3s
processes:
  web:
    depends_on: {db: service_healthy}
    ready: {http: /healthz, within: 30s}
    environment: {SECRET: hunter2}
  db:
    command: [mysqld, -D, data]
`;

  test('prints what was said, with the place where', async () => {
    const { status, stdout, stderr } = await run({ formation: 'db=2' }, 'web: node x\n', undefined, YAML);
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'Valid procfile detected (web, db)\n' });
    expect(stdout.replace(/ {2,}/g, '  ').replace(/ +$/gm, '')).toBe(`web
  command  node x  Procfile:1:1
  environment  [SECRET]  procsup.yaml:7:5
  depends_on  {db: {condition: ready, restart: keep, required: true}}  procsup.yaml:5:5
  ready  {http: /healthz, within: 30s}  procsup.yaml:6:5
  stop_grace_period  3s  procsup.yaml:2:3
db
  command  mysqld -D data  procsup.yaml:9:5
  instances  2  command line
  stop_grace_period  3s  procsup.yaml:2:3
`);
  });

  test('--json prints all keys, defaults as well, and no value of a variable', async () => {
    const { stdout } = await run({ json: true }, 'web: node x\n', undefined, YAML);
    expect(stdout).not.toContain('hunter2');
    const { plan } = JSON.parse(stdout) as { plan: Record<string, Record<string, unknown>> };
    expect(plan['web']).toMatchObject({
      command: { value: 'node x', from: { file: 'Procfile', line: 1, column: 1 } },
      ready: {
        value: { http: '/healthz', within: '30s' },
        from: { file: 'procsup.yaml', line: 6, column: 5 },
      },
      restart: {
        value: { policy: 'never', delay: '500ms', max_delay: '30s', attempts: 5, within: '1m' },
        from: 'default',
      },
      stop_grace_period: { value: '3s', from: { line: 2, column: 3 } },
      working_dir: { value: cwd, from: 'default' },
    });
    expect(Object.keys(plan['db'] ?? {}).sort()).toEqual([...keysOfProcess()].sort());
  });
});

describe('programs that are known', () => {
  const needing = (db: string) => `processes: { db: { ${db} }, app: { command: ./app, depends_on: [db] } }`;
  const warnings = (stderr: string) =>
    [...stderr.matchAll(/^warning: \S+ (.*)$/gm)].map(([, words]) => words);

  test.each<readonly [string, readonly string[]]>([
    [
      'command: redis-server --port $PORT',
      ["'db' may count as ready too early: redis-server listens before it can answer"],
    ],
    [
      'command: /usr/lib/postgresql/15/bin/postgres -D data, ready: { tcp: 5432 }',
      ["'db' may count as ready too early: postgres listens before it can answer"],
    ],
    ['command: redis-server, ready: { log: Ready to accept connections }', []],
    ['command: redis-server, ready: [{ listening: true }, { exec: redis-cli ping }]', []],
    ['command: psql -U postgres', []],
    [
      'command: redis-server, ready: { notify: true }',
      ["'db' may never be ready: redis-server says READY=1 only with --supervised systemd"],
    ],
    ['command: redis-server --supervised systemd, ready: { notify: true }', []],
    ['command: redis-server redis.conf, ready: { notify: true }', []],
    [
      'command: haproxy -f haproxy.cfg -W, ready: { notify: true }',
      ["'db' may never be ready: haproxy says READY=1 only with -Ws"],
    ],
    ['command: haproxy -Ws -f haproxy.cfg, ready: { notify: true }', []],
  ])('%s', async (db, expected) => {
    const { status, stderr } = await run({}, undefined, undefined, needing(db));
    expect(status).toBe(0);
    expect(warnings(stderr)).toEqual(expected);
  });

  test('are told with the key to write, and only where others wait for them', async () => {
    const { stderr } = await run({}, undefined, undefined, needing('command: redis-server'));
    expect(stderr).toContain("set 'ready: { log: Ready to accept connections }' for it in procsup.yaml");
    const alone = await run({}, undefined, undefined, 'processes: { web: { command: redis-server } }');
    expect(alone.stderr).toBe('Valid procsup.yaml detected (web)\n');
  });
});
