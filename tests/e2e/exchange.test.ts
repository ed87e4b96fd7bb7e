/** `procsup value`, `flag`, `barrier` and `channel`, as a shell has them. */
import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { launch } from '../helpers/procsup.ts';

async function setUp() {
  const app = project('web: sleep 100000');
  await app.up();
  /** Waits until so many wait there. */
  const waiting = async (kind: 'flag' | 'channel', is: (one: never) => boolean): Promise<void> => {
    while (!(await app.json<readonly never[]>(kind, 'ls', '--json')).some(is));
  };
  return { app, waiting };
}

const says = async (app: Project, line: string, status: number, out: string, error = ''): Promise<void> => {
  const ended = await app.run(...line.split(' '));
  expect([line, ended.status, ended.stdout]).toEqual([line, status, out]);
  expect(ended.stderr).toContain(error);
};

test('a value is set, counted, compared and removed', async () => {
  const { app } = await setUp();
  await says(app, 'value get x', 2, '', "unknown value 'x'");
  await says(app, 'value incr x', 0, '1\n');
  await says(app, 'value incr x 0.5', 0, '1.5\n');
  await says(app, 'value incr x -- -2', 0, '-0.5\n');
  await says(app, 'value cas x 1 2', 1, '', "value 'x' is -0.5");
  await says(app, 'value cas x -- -0.5 done', 0, '');
  await says(app, 'value incr x', 2, '', "value 'x' is not a number");
  await says(app, 'value set x y --if-missing', 1, '', "value 'x' is done");
  await says(app, 'value set n 9007199254740991', 0, '');
  await says(app, 'value incr n', 2, '', 'the result would not be exact');
  await says(app, 'value set --json j {"a":[1]}', 0, '');
  await says(app, 'value get j', 0, '{"a":[1]}\n');
  await says(app, 'value get x', 0, 'done\n');
  await says(app, 'value rm x', 0, 'removed value x\n');
  await says(app, 'value gett x', 2, '', "did you mean 'get'?");
  await says(app, 'value set x', 2, '', "missing VALUE for 'procsup value set'");
});

test('a watcher sees each change, and ends with the value that it waits for', async () => {
  const { app } = await setUp();
  const watcher = app.begin('value', 'watch', 'stage', '--until', 'done');
  await watcher.complains("value 'stage' does not exist");
  for (const stage of ['one', 'two']) {
    await says(app, `value set stage ${stage}`, 0, '');
    await watcher.says(stage);
  }
  await says(app, 'value set stage done', 0, '');
  expect(await watcher.ended).toMatchObject({ status: 0, stdout: 'one\ntwo\ndone\n' });
  await says(app, 'value watch stage --until never -t 10ms', 124, 'done\n', 'timed out waiting for value');
});

test('a flag lets those go that wait for it', async () => {
  const { app, waiting } = await setUp();
  await says(app, 'flag get f', 1, 'clear\n');
  await says(app, 'flag wait f -t 10ms', 124, '', "timed out waiting for flag 'f'");
  const waiter = app.begin('flag', 'wait', 'f');
  await waiting(
    'flag',
    ({ waiting: all }: { waiting: readonly { pid: number }[] }) => all[0]?.pid === waiter.pid,
  );
  await says(app, 'flag set f', 0, '');
  expect(await waiter.ended).toMatchObject({ status: 0, stdout: '' });
  await says(app, 'flag get f', 0, 'set\n');
  await says(app, 'flag clear f', 0, '');
  await says(app, 'flag ls', 0, '', 'no flag is set');
});

test('parties go together, and one that is killed breaks the barrier for the others', async () => {
  const { app } = await setUp();
  const all = await Promise.all([1, 2, 3].map(() => app.run('barrier', 'b', '3')));
  expect(all.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(all.map(({ stdout }) => stdout).sort()).toEqual(['0\n', '1\n', '2\n']);
  await says(app, 'barrier b 2 -t 10ms', 124, '', "timed out waiting for barrier 'b'");
  const [one, dead] = [app.begin('barrier', 'b', '3'), app.begin('barrier', 'b', '3')];
  while ((await partiesAt(app)) < 2);
  await says(app, 'barrier b 2', 2, '', "barrier 'b' is for 3 parties, not 2");
  dead.kill('SIGKILL');
  const ended = await one.ended;
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toContain(`procsup barrier b 3 (pid ${String(dead.pid)}) ended while it was waiting`);
});

/** How many wait at the first barrier. */
function partiesAt(app: Project): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath: app.owner()?.socket, path: '/v1/barriers' }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => {
        const { barriers } = JSON.parse(text) as { barriers: readonly { waiting: readonly unknown[] }[] };
        resolve(barriers[0]?.waiting.length ?? 0);
      });
    })
      .on('error', reject)
      .end();
  });
}

test('lines are shared by receivers, in order, until the last sender has gone', async () => {
  const { app, waiting } = await setUp();
  const receivers = [1, 2].map(() => app.begin('channel', 'recv', 'c'));
  await waiting('channel', ({ receivers: count }: { receivers: number }) => count === 2);
  const [one, other] = [app.begin('channel', 'send', 'c'), app.begin('channel', 'send', 'c')];
  await waiting('channel', ({ senders }: { senders: number }) => senders === 2);
  const lines = Array.from({ length: 3000 }, (_, at) => String(at));
  one.type(`${lines.slice(0, 1500).join('\n')}\n`);
  one.hangUp();
  expect(await one.ended).toMatchObject({ status: 0, stderr: '' });
  other.type(lines.slice(1500).join('\n'));
  other.hangUp();
  expect(await other.ended).toMatchObject({ status: 0, stderr: '' });
  const ends = await Promise.all(receivers.map(({ ended }) => ended));
  expect(ends.map(({ status }) => status)).toEqual([0, 0]);
  const read = ends.map(({ stdout }) => stdout.split('\n').slice(0, -1).map(Number));
  for (const each of read) expect(each).toEqual(each.toSorted((a, b) => a - b));
  expect(read.flat().sort((a, b) => a - b)).toEqual(lines.map(Number));
});

test('with --broadcast all receivers get every message, and a killed one keeps nobody waiting', async () => {
  const { app, waiting } = await setUp();
  const [one, other] = [1, 2].map(() => app.begin('channel', 'recv', 'c', '--broadcast'));
  const stopped = app.begin('channel', 'recv', 'c', '--broadcast');
  await waiting('channel', ({ receivers }: { receivers: number }) => receivers === 3);
  await says(app, 'channel recv c', 2, '', "the receivers of channel 'c' broadcast");
  stopped.kill('SIGSTOP');
  const sender = app.begin(
    'channel',
    'send',
    'c',
    ...Array.from({ length: 2000 }, (_, at) => `m${String(at)}`),
  );
  // The stopped one was given the first messages, and does not come for more.
  await one?.says('m499');
  stopped.kill('SIGKILL');
  expect(await sender.ended).toMatchObject({ status: 0 });
  const [first, second] = [await one?.ended, await other?.ended];
  expect(first?.stdout).toBe(second?.stdout);
  expect(first?.stdout.split('\n').length).toBe(2001);
});

test('a sender waits for a receiver, and both for no longer than they may', async () => {
  const { app } = await setUp();
  await says(app, 'channel send c x -t 10ms', 124, '', '0 of 1 messages were received');
  await says(app, 'channel recv c -t 10ms', 124, '', "timed out waiting for channel 'c'");
  const sender = app.begin('channel', 'send', 'c', 'a b', 'c', 'd');
  await says(app, 'channel recv c -n 2 --json', 0, '{"message":"a b"}\n{"message":"c"}\n');
  await says(app, 'channel recv c', 0, 'd\n');
  expect(await sender.ended).toMatchObject({ status: 0 });
  await says(app, 'channel ls', 0, '', 'no channel has a sender or a receiver');
});

test('the end of the supervisor ends what waits, with status 3', async () => {
  const { app, waiting } = await setUp();
  const all = [app.begin('flag', 'wait', 'f'), app.begin('channel', 'send', 'c')];
  await waiting('flag', () => true);
  await waiting('channel', () => true);
  await app.run('down');
  for (const { ended } of all) expect(await ended).toMatchObject({ status: 3 });
});

const CLIENT = join(import.meta.dirname, '../fixtures/exchange_client.py');

test('python speaks the protocol', async () => {
  const { app } = await setUp();
  execFileSync('python3', ['--version'], { stdio: 'ignore' });
  const { ended } = launch('python3', [CLIENT, app.owner()?.socket ?? ''], { cwd: app.root });
  expect(await ended).toMatchObject({ stdout: 'ok\n', stderr: '', status: 0 });
});
