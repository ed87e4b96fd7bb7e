/** What the exchange holds, as users see it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { nodeWithSqlite, pathWith } from '../helpers/node-with-sqlite.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const IDLE = 'web: exec sleep infinity';

interface Held {
  readonly queues: readonly { readonly name: string }[];
  readonly locks: readonly object[];
  readonly sharedMemory: readonly object[];
}

const NOTHING = { queues: [], locks: [], sharedMemory: [] };

test('ps --all shows queues, locks and shared memory, and nothing where there is nothing', async () => {
  const app = project(IDLE);
  await app.up();
  expect(await app.json('ps', '--all', '--json')).toMatchObject({ pools: [], caps: [], ...NOTHING });
  expect((await app.run('ps', '--all')).stdout.trimEnd().split('\n')).toHaveLength(2);
  await app.run('queue', 'put', 'mail', 'a', 'b');
  await app.run('queue', 'pause', 'mail');
  await app.run('shm', 'create', 'frames', '64KiB');
  const holder = app.begin('lock', 'deploy', '--', 'sh', '-c', 'echo held; exec cat');
  await holder.says('held');
  const told = await app.json<Held>('ps', '--all', '--json');
  expect(told).toMatchObject({
    queues: [{ kind: 'queue', name: 'mail', ready: 2, leased: 0, dead: 0, paused: true }],
    locks: [{ kind: 'lock', name: 'deploy', held: 1, waiting: 0, holders: [{ pid: holder.pid }] }],
    sharedMemory: [{ kind: 'memory', name: 'frames', bytes: 65_536 }],
  });
  const { stdout } = await app.run('ps', '--all');
  expect(stdout).toMatch(/\n\nQUEUE .*\nmail +2 .* paused\n\nLOCK .*\ndeploy +1\/1 .*procsup lock deploy/);
  expect(stdout).toMatch(/\n\nSHARED MEMORY .*\nframes +64KiB /);
  holder.hangUp();
  await holder.ended;
  expect(await app.json('ps', '--all', '--json')).toMatchObject({ locks: [] });
});

const NODE = nodeWithSqlite();

test.skipIf(NODE === undefined)(
  'messages that an earlier supervisor has left are shown at once',
  async () => {
    const app = project(IDLE, { env: { PATH: pathWith(NODE ?? '') } });
    await app.up();
    await app.run('queue', 'put', 'mail', 'a');
    await app.run('down');
    await app.up();
    expect(await app.json('ps', '--all', '--json')).toMatchObject({
      queues: [{ name: 'mail', ready: 1, store: 'sqlite' }],
    });
  },
);

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

describe.skipIf(!hasScript)('top', () => {
  test('has a key for them as soon as there is something, and shows how they change', async () => {
    const app = project(IDLE);
    await app.up();
    await app.run('queue', 'put', 'mail', 'a');
    const line = `stty rows 24 cols 80; "${PROCSUP}" top; echo "status is $?"`;
    const terminal = app.beginProgram('env', 'TERM=xterm', 'script', '-qc', line, '/dev/null');
    await terminal.says(' e exchange ');
    terminal.type('e');
    await terminal.says('DELAYED');
    await app.run('queue', 'put', 'images', 'a');
    await terminal.says('images');
    terminal.type('q');
    await terminal.says('r restart');
    terminal.type('q');
    await terminal.says('status is 0');
  });
});

test('events tell of paused and removed queues, dead letters and abandoned locks', async () => {
  const app = project(IDLE);
  await app.up();
  await app.run('queue', 'pause', 'mail');
  await app.run('queue', 'pause', 'mail');
  await app.run('queue', 'resume', 'mail');
  await app.run('queue', 'put', 'mail', 'x', '--attempts', '1');
  const [lease = ''] = (await app.run('queue', 'get', 'mail', '--lease', '1h')).stdout.split('\t');
  await app.run('queue', 'nack', 'mail', lease, '--reason', 'no such address');
  await app.run('queue', 'put', 'mail', 'y');
  await app.run('queue', 'drain', 'mail');
  await app.run('queue', 'rm', 'mail');
  await app.run('lock', 'deploy', '--', 'sh', '-c', 'kill -9 $PPID');
  let told = '';
  while (!told.includes("lock 'deploy' was abandoned: its holder (`procsup lock deploy"))
    told = (await app.run('events', '--no-follow')).stdout;
  const { stdout } = await app.run('events', '--no-follow');
  expect(stdout.match(/queue mail paused \(by `procsup queue pause mail`/g)).toHaveLength(1);
  expect(stdout).toMatch(
    /queue mail resumed .*\n.*queue mail: message [a-z0-9]+-1 failed after 1 attempt: no such address\n.*queue mail drained: removed 1 message .*\n.*queue mail removed /,
  );
});
