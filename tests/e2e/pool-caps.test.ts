/** Jobs of a pool that use caps of the project: they wait, run, and give them back. */
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { procsup } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { scratch } from '../helpers/scratch.ts';

const CAPS = 'caps: {db: {soft: 1, hard: 3}}\nprocesses: {a: {uses: db}}\n';

const capsOf = (socketPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/v1/caps' }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });

test('jobs wait for a cap that a process uses, and then run one at a time', async () => {
  const app = project(`a: ${PUPPET}`, { files: { 'procsup.yaml': CAPS } });
  await app.up();
  await app.puppet('a.1');
  const command = 'echo +{} >> order; sleep 0.05; echo -{} >> order';
  const pool = app.begin('pool', '-j3', '--uses', 'db', command, ':::', '1', '2', '3');
  const [{ socket }] = await app.json<[{ socket: string }]>('ls', '--json');
  while (!(await capsOf(socket)).includes(`procsup pool (pid ${String(pool.pid)})`));
  expect(existsSync(join(app.root, 'order'))).toBe(false);
  await app.run('stop', 'a');
  expect((await pool.ended).status).toBe(0);
  const lines = readFileSync(join(app.root, 'order'), 'latin1').trim().split('\n');
  expect(lines.length).toBe(6);
  for (let at = 0; at < lines.length; at += 2) expect(lines[at + 1]).toBe(lines[at]?.replace('+', '-'));
});

/** Goes on until there is a file `go`. */
const HOLD = ': {}; echo x >> running; while [ ! -e go ]; do sleep 0.01; done; echo {} done';

test('kill -9 of a pool that holds a cap: it is free at once', async () => {
  const app = project(`a: ${PUPPET}`, { files: { 'procsup.yaml': 'caps: {db: 1}\nprocesses: {a: {}}\n' } });
  await app.up();
  const holder = app.begin('pool', '--uses', 'db', HOLD, ':::', '1');
  await until(() => existsSync(join(app.root, 'running')), 'the first pool runs its job');
  const waiter = app.begin('pool', '--uses', 'db', 'echo', ':::', '2');
  const [{ socket }] = await app.json<[{ socket: string }]>('ls', '--json');
  while (!(await capsOf(socket)).includes(`procsup pool (pid ${String(waiter.pid)})`));
  holder.kill('SIGKILL');
  expect(await waiter.ended).toMatchObject({ status: 0, stdout: '2\n' });
  expect(existsSync(join(app.root, 'go'))).toBe(false);
});

test('a supervisor that dies: what runs goes on, which is told, and no more is started', async () => {
  const app = project(`a: ${PUPPET}`, {
    files: { 'procsup.yaml': 'caps: {db: 1}\nprocesses: {a: {}}\n' },
    mayLeavePipes: true,
  });
  const supervisor = await app.up();
  const pool = app.begin('pool', '-j2', '--uses', 'db', HOLD, ':::', '1', '2', '3');
  await until(() => existsSync(join(app.root, 'running')), 'the first job runs');
  process.kill(supervisor, 'SIGKILL');
  await pool.complains('the supervisor has ended: running jobs go on without room in caps');
  app.write('go', '');
  const { stdout, stderr, status } = await pool.ended;
  expect([stdout, status]).toEqual(['1 done\n', 255]);
  expect(stderr.split('\n').slice(-3)).toEqual([
    expect.stringMatching(/^procsup: cannot use caps: ./),
    'procsup: stopped early: 1 job done (0 failed), 2 not done',
    '',
  ]);
  await app.up();
});

test('an unknown cap, and one that can never have so much room, end the pool with the reason', async () => {
  const app = project(`a: ${PUPPET}`, { files: { 'procsup.yaml': CAPS } });
  await app.up();
  const unknown = await app.run('pool', '--uses', 'gpu', 'echo', ':::', '1');
  expect(unknown).toMatchObject({ status: 255, stdout: '' });
  expect(unknown.stderr).toContain('cannot use caps: ');
  expect(unknown.stderr).toContain('gpu');
  const tooMuch = await app.run('pool', '--uses', 'db=4', 'echo', ':::', '1');
  expect(tooMuch).toMatchObject({ status: 255, stdout: '' });
  expect(tooMuch.stderr).toContain('db');
});

test('without a supervisor nothing runs, and the remedy is told', async () => {
  const { stdout, stderr, status } = await procsup(['pool', '--uses', 'db', 'echo', ':::', '1'], {
    cwd: scratch(),
  });
  expect([stdout, status]).toEqual(['', 3]);
  expect(stderr).toContain('cannot use caps: no supervisor is running for ');
  expect(stderr).toContain("start one with 'procsup start -d'");
});

test('what is no cap is told', async () => {
  const { stderr, status } = await procsup(['pool', '--uses', 'db=0', 'echo', ':::', '1'], {
    cwd: scratch(),
  });
  expect(status).toBe(2);
  expect(stderr).toContain("invalid use of a cap 'db=0'");
});
