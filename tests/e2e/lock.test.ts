/** `procsup lock` and `locks`, as a shell has them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';

interface Told {
  readonly name: string;
  readonly slots: number;
  readonly holders: readonly { readonly pid: number; readonly command: string }[];
  readonly waiting: readonly { readonly pid: number }[];
}

async function setUp() {
  const app = project(`web: ${PUPPET}`);
  await app.up();
  const locks = () => app.json<readonly Told[]>('locks', '--json');
  /** Holds it until the file `end` is there; resolves when it has begun. */
  const hold = async (...words: readonly string[]) => {
    const script = 'echo begun; until [ -e end ]; do sleep 0.05; done';
    const client = app.begin('lock', ...words, '--', 'sh', '-c', script);
    await client.says('begun');
    return client;
  };
  return { app, locks, hold };
}

test('runs the command and exits with its status', async () => {
  const { app } = await setUp();
  const command = ['lock', 'deploy', '--', 'sh', '-c', 'echo $PROCSUP_LOCK; exit 7'];
  expect(await app.run(...command)).toMatchObject({ status: 7, stdout: 'deploy\n', stderr: '' });
  expect(await app.run('lock', 'deploy', 'true')).toMatchObject({ status: 0 });
  expect((await app.run('locks')).stderr).toContain('no lock is held');
});

test.each([
  [['--no-wait'], 1, "lock 'a' is held"],
  [['--nonblock', '-E', '9'], 9, "lock 'a' is held"],
  [['--timeout', '10ms'], 124, "timed out waiting for lock 'a'"],
  [['-w', '0.01', '--conflict-exit-code', '3'], 3, "timed out waiting for lock 'a'"],
  [['--shared', '--no-wait'], 1, "lock 'a' is held"],
  [['-n', '2'], 2, "lock 'a' is in use with 1 slot, not 2"],
  [['--no-wait', '-t', '1s'], 2, 'exclude each other'],
])('while it is held, with %o', async (options, status, message) => {
  const { app, hold } = await setUp();
  await hold('a');
  const ended = await app.run('lock', 'a', ...options, '--', 'true');
  expect(ended).toMatchObject({ status, stdout: '' });
  expect(ended.stderr).toContain(message);
  app.write('end', '');
});

test('those that wait are listed, and run one after the other', async () => {
  const { app, locks, hold } = await setUp();
  const first = await hold('a');
  const second = app.begin('lock', 'a', '--', 'true');
  let [told] = await locks();
  while (told?.waiting.length !== 1) [told] = await locks();
  expect(told).toMatchObject({
    ...{ name: 'a', slots: 1, waiting: [{ pid: second.pid }] },
    holders: [{ pid: first.pid, command: expect.stringMatching(/^procsup lock a -- sh -c/) as string }],
  });
  expect((await app.run('locks')).stdout).toMatch(/^NAME .*\na +1 +held .*\na +1 +waiting /);
  app.write('end', '');
  expect(await first.ended).toMatchObject({ status: 0 });
  expect(await second.ended).toMatchObject({ status: 0, stderr: '' });
});

test('slots let so many run, and readers run together', async () => {
  const { app, locks, hold } = await setUp();
  await Promise.all([hold('gpu', '-n', '2'), hold('gpu', '-n', '2'), hold('data', '-s'), hold('data', '-s')]);
  expect((await locks()).map(({ name, holders }) => [name, holders.length])).toEqual(
    expect.arrayContaining([
      ['gpu', 2],
      ['data', 2],
    ]),
  );
  expect(await app.run('lock', 'gpu', '--no-wait', 'true')).toMatchObject({ status: 1 });
  app.write('end', '');
});

test('procsup lock killed by SIGKILL: its command keeps the lock, and the next one is told', async () => {
  const { app, locks, hold } = await setUp();
  const first = await hold('a');
  first.kill('SIGKILL');
  // Its output ends only with its command.
  await until(() => !isAlive(first.pid), 'procsup lock has ended');
  expect(await app.run('lock', 'a', '--no-wait', 'true')).toMatchObject({ status: 1 });
  expect(await locks()).toMatchObject([{ name: 'a', holders: [{ pid: first.pid }] }]);
  const next = app.begin('lock', 'a', '--', 'sh', '-c', 'echo "abandoned: $PROCSUP_LOCK_ABANDONED"');
  app.write('end', '');
  const ended = await next.ended;
  expect(ended).toMatchObject({ status: 0, stdout: 'abandoned: 1\n' });
  expect(ended.stderr).toContain("the last holder of lock 'a' ended without releasing it");
  expect(await app.run('lock', 'a', 'true')).toMatchObject({ status: 0, stderr: '' });
});

test('a command that does not exist waits for nothing, and without a supervisor there is no lock', async () => {
  const { app, hold } = await setUp();
  await hold('a');
  expect(await app.run('lock', 'a', '--', 'no-such-program')).toMatchObject({ status: 127 });
  app.write('end', '');
  await app.run('down');
  expect(await app.run('lock', 'a', '--', 'touch', 'ran')).toMatchObject({ status: 3 });
  expect(existsSync(join(app.root, 'ran'))).toBe(false);
});

test('the end of the supervisor is told, and the command runs on', async () => {
  const { app, hold } = await setUp();
  const holder = await hold('a');
  await app.run('down');
  await holder.complains("lost lock 'a': the supervisor has ended");
  app.write('end', '');
  expect(await holder.ended).toMatchObject({ status: 0 });
});
