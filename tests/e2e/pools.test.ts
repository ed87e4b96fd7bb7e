/** Pools of procsup.yaml as users have them: workers that are instances, and tasks for them by command and by HTTP. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { PoolSnapshot } from '../../src/control/pool-api.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';

const WORKER = `${process.execPath} ${resolve(import.meta.dirname, '../fixtures/pool-worker.cjs')}`;

const withPools = (keys: string, more = ''): Project =>
  project('idle: exec sleep 100000', {
    files: { 'procsup.yaml': `pools:\n  echo: {command: '${WORKER}', ${keys}}\n${more}` },
  });

const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1);
const linesIn = (app: Project, file: string): readonly string[] =>
  existsSync(join(app.root, file)) ? linesOf(readFileSync(join(app.root, file), 'latin1')) : [];
const pidsOf = async (app: Project): Promise<readonly number[]> =>
  (await app.ps('echo')).flatMap(({ pid }) => pid ?? []);
const poolOf = async (app: Project): Promise<PoolSnapshot> => {
  const { pools } = await app.json<{ readonly pools: readonly PoolSnapshot[] }>('ps', '--all', '--json');
  return pools[0] ?? expect.fail('no pool');
};

interface Stream {
  readonly asked: ClientRequest;
  readonly lines: readonly string[];
  readonly ended: Promise<void>;
}

/** POST /v1/pools/echo/run, whose answer is read unless `isLazy`. */
async function stream(app: Project, isLazy = false): Promise<Stream> {
  const [{ socket }] = await app.json<[{ readonly socket: string }]>('ls', '--json');
  const headers = { 'content-type': 'application/x-ndjson' };
  const asked = request({ socketPath: socket, method: 'POST', path: '/v1/pools/echo/run', headers });
  const lines: string[] = [];
  const ended = new Promise<void>((over) => {
    asked.on('error', () => over());
    asked.on('response', (response) => {
      let rest = '';
      response.on('close', () => over());
      if (isLazy) return;
      response.on('data', (bytes: Buffer) => {
        const all = (rest + bytes.toString()).split('\n');
        rest = all.pop() ?? '';
        lines.push(...all);
      });
    });
  });
  asked.flushHeaders();
  return { asked, lines, ended };
}

test('workers are instances, and values are answered in order, with tags and a job log', async () => {
  const app = withPools('size: 3');
  await app.up();
  expect((await app.ps('echo')).map(({ name, state }) => [name, state])).toEqual(
    [1, 2, 3].map((n) => [`echo.${String(n)}`, 'running']),
  );
  const run = await app.run(
    'pool',
    'run',
    'echo',
    '-k',
    '--tag',
    '--joblog',
    'log',
    ':::',
    'b',
    'a b',
    "it's",
  );
  expect(run).toMatchObject({ status: 0, stderr: '', stdout: "b\t<b>\na b\t<a b>\nit's\t<it's>\n" });
  expect(linesIn(app, 'log').length).toBe(4);
  const template = await app.run('pool', '-k', 'run', 'echo', 'size {.} {#}', ':::', 'a.png', 'b.png');
  expect(template.stdout).toBe('<size a 1>\n<size b 2>\n');
  const input = app.begin('pool', 'run', 'echo');
  input.type('x\n');
  await input.says('<x>');
  input.hangUp();
  expect((await input.ended).status).toBe(0);
  expect(await poolOf(app)).toMatchObject({
    state: 'running',
    size: 3,
    busy: 0,
    waiting: 0,
    done: 6,
    failed: 0,
  });
  const table = (await app.run('ps', '--all')).stdout;
  expect(table).toMatch(
    /^POOL +STATE +WORKERS +BUSY +WAITING +DONE +FAILED\necho +running +3\/3 +0 +0 +6 +0\n/m,
  );
});

test('a worker that dies costs the value that it had, which is told or tried again', async () => {
  const app = withPools('size: 2');
  await app.up();
  const told = await app.run('pool', 'run', 'echo', '-k', ':::', 'a', 'die', 'b');
  expect(told).toMatchObject({ status: 1, stdout: '<a>\n<b>\n' });
  expect(told.stderr).toBe('procsup: the worker was terminated by SIGKILL without an answer\n');
  app.write(
    'procsup.yaml',
    readFileSync(join(app.root, 'procsup.yaml'), 'utf8').replace('size: 2', 'size: 2, retries: 1'),
  );
  expect((await app.run('reload')).status).toBe(0);
  const again = await app.run('pool', 'run', 'echo', '-k', ':::', 'a', 'die-once', 'b');
  expect(again).toMatchObject({ status: 0, stderr: '', stdout: '<a>\n<die-once>\n<b>\n' });
});

test('kill -9 of a worker that has a task costs that task only', async () => {
  const app = withPools('size: 2');
  await app.up();
  const run = app.begin('pool', 'run', 'echo', '-j4', ':::', 'wait-1', 'wait-2', 'c', 'd');
  await until(() => linesIn(app, 'begun').length === 2, 'both workers are busy');
  const { workers } = await poolOf(app);
  expect(workers.map(({ busy }) => busy)).toEqual([true, true]);
  const [first = 0] = await pidsOf(app);
  process.kill(first, 'SIGKILL');
  await run.says('<d>');
  app.write('wait-1', '');
  app.write('wait-2', '');
  const { status, stdout } = await run.ended;
  expect(status).toBe(1);
  expect(linesOf(stdout).length).toBe(3);
  await until(() => linesIn(app, 'pids').length === 3, 'the worker is replaced');
});

test('five ends in a row without an answer fail the pool, and tasks are answered with the reason', async () => {
  const app = project('idle: exec sleep 100000', {
    files: { 'procsup.yaml': "pools: {echo: {command: 'exit 7', size: 2, autostart: false}}" },
  });
  await app.up();
  await app.run('start', 'echo');
  const run = await app.run(
    'pool',
    'run',
    'echo',
    ':::',
    ...Array.from({ length: 20 }, (_, at) => String(at)),
  );
  expect(run.status).toBe(255);
  const reason = '5 workers in a row ended without an answer: the last one exited with code 7';
  expect(run.stderr).toContain(`pool 'echo' failed: ${reason}`);
  // Tasks are answered before the workers have been stopped.
  let pool = await poolOf(app);
  while (pool.state !== 'failed') pool = await poolOf(app);
  expect(pool).toMatchObject({ reason, waiting: 0 });
  expect((await app.run('why', 'echo.1')).stdout).toContain(`stop requested by its pool: ${reason}`);
  expect((await app.run('events', '--no-follow')).stdout).toContain(`pool echo failed: ${reason}`);
  app.write('procsup.yaml', `pools: {echo: {command: '${WORKER}', size: 2}}`);
  await app.run('reload');
  await app.run('start', 'echo');
  expect(await app.run('pool', 'run', 'echo', ':::', 'a')).toMatchObject({ status: 0, stdout: '<a>\n' });
});

test('of a stopped pool tasks are answered, and a start takes tasks again', async () => {
  const app = withPools('size: 1, autostart: false');
  await app.up();
  const refused = await app.run('pool', 'run', 'echo', ':::', 'a');
  expect(refused).toMatchObject({ status: 255, stdout: '' });
  expect(refused.stderr).toContain("pool 'echo' is not running; start it with 'procsup start echo'");
  await app.run('start', 'echo');
  expect((await app.run('pool', 'run', 'echo', ':::', 'a')).stdout).toBe('<a>\n');
  const waiting = app.begin('pool', 'run', 'echo', '-j2', ':::', 'wait-1', 'b');
  await until(() => linesIn(app, 'begun').length === 1, 'it is begun');
  app.write('wait-1', '');
  await app.run('stop', 'echo');
  // What it had is answered before it ends.
  expect((await waiting.ended).stdout).toContain('<wait-1>');
  expect(linesIn(app, 'ends').length).toBe(1);
});

test('the supervisor dies while values wait: told with a status, and nothing is left', async () => {
  const app = withPools('size: 1');
  const supervisor = await app.up();
  const run = app.begin('pool', 'run', 'echo', ':::', 'wait-1', 'b');
  await until(() => linesIn(app, 'begun').length === 1, 'it is begun');
  const pids = linesIn(app, 'pids').map(Number);
  process.kill(supervisor, 'SIGKILL');
  const { status, stderr } = await run.ended;
  expect(status).toBe(255);
  expect(stderr).toContain('the supervisor has ended');
  expect(stderr).toContain('0 jobs done (0 failed), 2 not done');
  await gone(pids);
  // Clears away what a killed supervisor leaves.
  await app.up();
});

test('a time limit, and the second Ctrl-C, kill the worker that has the value, and no other', async () => {
  const app = withPools('size: 2, timeout: 1s');
  await app.up();
  const slow = await app.run('pool', 'run', 'echo', ':::', 'hang', 'a');
  expect(slow).toMatchObject({ status: 1, stdout: '<a>\n', stderr: 'procsup: timed out\n' });
  app.write(
    'procsup.yaml',
    readFileSync(join(app.root, 'procsup.yaml'), 'utf8').replace(', timeout: 1s', ''),
  );
  await app.run('reload');
  const before = await pidsOf(app);
  const run = app.begin('pool', 'run', 'echo', ':::', 'wait-1', 'a');
  await run.says('<a>');
  run.kill('SIGINT');
  await run.complains('starting no more jobs');
  run.kill('SIGINT');
  expect((await run.ended).status).toBe(130);
  await until(() => before.filter(isAlive).length === 1, 'one of them is killed');
});

test('what is no answer is logged, as is stderr', async () => {
  const app = withPools('size: 1');
  await app.up();
  const { stdout } = await app.run('pool', 'run', 'echo', '-j1', ':::', 'note', 'twice');
  expect(stdout).toBe('<note>\n<twice>\n');
  const logs = app.begin('logs', '-f');
  await logs.says(/echo\.1 +\| a note/);
  await logs.says(/echo\.1 +\| nobody asked/);
  logs.kill('SIGTERM');
  await logs.ended;
});

test('an answer without an end costs the value and the worker, not the memory', async () => {
  const app = withPools('size: 1');
  await app.up();
  const { status, stdout, stderr } = await app.run('pool', 'run', 'echo', '-k', ':::', 'endless', 'a');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '<a>\n' });
  expect(stderr).toBe('procsup: the worker wrote an answer of more than 16 MiB\n');
});

test('workers are replaced after their number of tasks, by the end of their stdin', async () => {
  const app = withPools('size: 1, recycle: 3');
  await app.up();
  const values = Array.from({ length: 9 }, () => 'pid');
  const { status, stdout } = await app.run('pool', 'run', 'echo', ':::', ...values);
  expect(status).toBe(0);
  const pids = linesOf(stdout);
  expect(pids.length).toBe(9);
  expect(new Set(pids).size).toBe(3);
  await until(() => linesIn(app, 'ends').length >= 3, 'they ended by themselves');
});

test('tasks use caps while they are carried out, and wait for room', async () => {
  const app = withPools('size: 2, uses: db', 'caps: {db: {soft: 1}}\n');
  await app.up();
  const run = app.begin('pool', 'run', 'echo', ':::', 'wait-1', 'b');
  await until(() => linesIn(app, 'begun').length === 1, 'it is begun');
  const held = await app.json<{ readonly caps: readonly unknown[] }>('ps', '--all', '--json');
  expect(held.caps).toMatchObject([
    { name: 'db', used: 1, usedBy: ['echo (task)'], waiting: ['echo (task)'] },
  ]);
  expect((await app.run('ps', '-a')).stdout).toMatch(
    /^CAP +USED +SOFT +HARD +USED BY +WAITING\ndb +1 +1 +- +echo \(task\) +echo \(task\)\n/m,
  );
  expect(run.stdout).toBe('');
  app.write('wait-1', '');
  expect(linesOf((await run.ended).stdout)).toEqual(['<wait-1>', '<b>']);
  expect(await poolOf(app)).toMatchObject({ busy: 0, waiting: 0, done: 2 });
});

test('by HTTP: results as they come with their ids, bytes, an abort, counts at the end', async () => {
  const app = withPools('size: 2');
  await app.up();
  const { asked, lines, ended } = await stream(app);
  asked.write('"a"\n{"id": "x", "value": "hang"}\n{"base64": "/w=="}\n7\n');
  await until(() => lines.length === 3, 'three results');
  expect(new Set(lines.map((line) => JSON.parse(line) as unknown))).toEqual(
    new Set([
      { id: 1, output: '<a>' },
      { id: 3, output: '<\uFFFD>' },
      { id: 4, output: '<7>' },
    ]),
  );
  asked.end('{"abort": "x"}\n');
  await ended;
  expect(lines.slice(3)).toEqual([
    '{"id":"x","failed":{"code":"aborted","message":"aborted"}}',
    '{"done":3,"failed":1}',
  ]);
  const wrong = await stream(app);
  wrong.asked.end('"a"\n{"vale": 1}\n');
  await wrong.ended;
  expect(wrong.lines.at(-1)).toContain(`line 2: missing 'value'`);
  expect(wrong.lines).toContain('{"id":1,"output":"<a>"}');
});

test('tasks of a client that has gone are dropped; what has begun is carried out', async () => {
  const app = withPools('size: 1');
  await app.up();
  const { asked, ended } = await stream(app);
  asked.write('"wait-1"\n"wait-2"\n"wait-3"\n');
  await until(() => linesIn(app, 'begun').length === 1, 'one has begun');
  const pids = linesIn(app, 'pids');
  asked.destroy();
  await ended;
  while ((await poolOf(app)).waiting > 0);
  app.write('wait-1', '');
  // Its worker goes on to another client's.
  expect((await app.run('pool', 'run', 'echo', ':::', 'pid')).stdout).toBe(`${pids[0] ?? ''}\n`);
  expect(linesIn(app, 'begun')).toEqual(['wait-1']);
  expect(await poolOf(app)).toMatchObject({ waiting: 0, busy: 0 });
});

test('a client that reads nothing stops its own values, and holds nobody else up', async () => {
  const app = withPools('size: 1');
  await app.up();
  const { asked } = await stream(app, true);
  const value = `"${'x'.repeat(100_000)}"\n`;
  let taken = 0;
  const sending = new Promise<void>((over) => {
    const send = (): void => {
      for (taken += 1; taken < 2_000 && asked.write(value); taken += 1);
      if (taken >= 2_000) over();
    };
    asked.on('drain', send);
    asked.on('close', over);
    send();
  });
  const isStill = async (): Promise<boolean> => {
    const { done } = await poolOf(app);
    const other = await app.run('pool', 'run', 'echo', ':::', 'a');
    expect(other.stdout).toBe('<a>\n');
    return done > 0 && (await poolOf(app)).done === done + 1;
  };
  // Until a look before and one after somebody else's task show no more of its own.
  while (!(await isStill()));
  expect(taken).toBeLessThan(1_000);
  asked.destroy();
  await sending;
});

test('100,000 values take no more memory than a few', async () => {
  const app = withPools('size: 2');
  const supervisor = await app.up();
  const count = 100_000;
  const peak = (): number =>
    Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${String(supervisor)}/status`, 'latin1'))?.[1]);
  const run = async (values: number): Promise<void> => {
    const { asked, lines, ended } = await stream(app);
    asked.end(Array.from({ length: values }, (_, at) => `${String(at)}\n`).join(''));
    await ended;
    expect(lines.length).toBe(values + 1);
    expect(lines.at(-1)).toBe(`{"done":${String(values)},"failed":0}`);
  };
  await run(5_000);
  const before = peak();
  await run(count);
  expect(peak() - before).toBeLessThan(40_000);
});

test('what is not known is told', async () => {
  const app = withPools('size: 1');
  const none = await app.run('pool', 'run', 'echo', ':::', 'a');
  expect(none.status).toBe(3);
  expect(none.stderr).toContain("cannot use pool 'echo': no supervisor is running for ");
  await app.up();
  const unknown = await app.run('pool', 'run', 'ecco', ':::', 'a');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("unknown pool 'ecco'\n  help: known pools: echo");
  const nameless = await app.run('pool', 'run');
  expect(nameless).toMatchObject({ status: 2, stdout: '' });
  expect(nameless.stderr).toContain('missing pool name');
  const own = await app.run('pool', '--recycle', '3', 'run', 'echo', ':::', 'a');
  expect(own).toMatchObject({ status: 2, stdout: '' });
});

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/pool.md'), 'utf8');
const blockOf = (language: string, start: string): string =>
  [...PAGE.matchAll(/```(\w*)\n([^]*?)```/g)].find(
    ([, name, text]) => name === language && text?.startsWith(start) === true,
  )?.[2] ?? expect.fail(`no block that starts with ${start}`);

test.skipIf(spawnSync('python3', ['--version']).status !== 0)(
  'the example of the documentation',
  async () => {
    const app = project('idle: exec sleep 100000', {
      files: {
        'procsup.yaml': blockOf('yaml', '# procsup.yaml'),
        'upper.py': blockOf('python', '# upper.py'),
      },
    });
    await app.up();
    const [, command = ''] = /^procsup (pool run .*)$/m.exec(PAGE) ?? [];
    expect(await app.run(...command.split(' '))).toMatchObject({ status: 0, stdout: 'A\nB\nC\n' });
    expect((await app.run('ps', '--all')).stdout).toMatch(/^upper +running +4\/4 +0 +0 +3 +0$/m);
  },
);
