/** When the supervisor is killed: nothing of it lives on, and the next one tells. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LockOwner } from '../../src/os/files/lock-files.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { commandOf, isAlive, signalIfAlive } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';

/** A program, its child, one that has left the session, and one that hears no SIGTERM. */
async function processGroup(app: Project): Promise<readonly number[]> {
  const web = await app.puppet('web.1');
  const deaf = await app.puppet('deaf.1');
  await deaf.listen('SIGTERM');
  const child = await web.start('exec sleep infinity');
  const stray = await web.start('exec sleep infinity >/dev/null 2>&1', { apart: true });
  await until(() => commandOf(stray).startsWith('sleep'), 'it has let go of its output');
  return [web.pid, deaf.pid, child, stray];
}

const TOLD = /the previous supervisor \(pid (\d+), started [\d -]+:\d\d:\d\d\) was killed; (.*)/;

test('SIGKILL for the daemon: its guardian ends everything, and the next start says what has happened', async () => {
  const app = project(`web: ${PUPPET}\ndeaf: ${PUPPET}`);
  const daemon = await app.up();
  const pids = await processGroup(app);
  expect(pids.filter(isAlive)).toEqual(pids);
  process.kill(daemon, 'SIGKILL');
  await gone(pids);
  await until(() => app.guardians().length === 0, 'the guardian has gone too');

  expect(await app.run('ps')).toMatchObject({ status: 3, stdout: '' });
  const started = await app.run('start', '-d');
  expect(started).toMatchObject({ status: 0 });
  expect(TOLD.exec(started.stderr)?.slice(1)).toEqual([String(daemon), 'none of its processes were left']);
  // Once: who has heard it does not hear it from each command.
  expect(await app.run('ps')).toMatchObject({ status: 0, stderr: '' });
  expect((await app.run('start', '-d')).stderr).toBe('');
  expect((await app.run('why', 'web')).stdout).toMatch(TOLD);
  expect(app.daemonLog()).toMatch(TOLD);
  const events = (await app.run('events', '--json', '--no-follow')).stdout.trim().split('\n');
  expect(events.map((line) => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ event: 'previous-ended', pid: daemon, how: 'killed', leftovers: [] }),
  );
});

test('daemon and guardian killed together: the next start ends what is left before it starts anew', async () => {
  const app = project(`web: ${PUPPET}\ndeaf: ${PUPPET}`);
  const daemon = await app.up();
  const pids = await processGroup(app);
  const directories = readdirSync(join(app.root, 'tmp')).map((name) => join(app.root, 'tmp', name));
  // Stopped, it cannot put another guardian in the place of the first.
  process.kill(daemon, 'SIGSTOP');
  for (const { pid } of app.guardians()) signalIfAlive(pid, 'SIGKILL');
  process.kill(daemon, 'SIGKILL');
  await until(() => app.guardians().length === 0 && !isAlive(daemon), 'both are gone');
  expect(pids.filter(isAlive)).toEqual(pids);

  const started = await app.run('start', '-d');
  expect(started).toMatchObject({ status: 0 });
  expect(pids.filter(isAlive)).toEqual([]);
  const [, pid, what = ''] = TOLD.exec(started.stderr) ?? [];
  expect(pid).toBe(String(daemon));
  const ended = /^stopped its remaining processes: pid (.*)$/.exec(what)?.[1]?.split(', ').map(Number);
  expect(ended?.sort()).toEqual([...pids].sort());
  expect((await app.ps()).map(({ state }) => state)).toEqual(['running', 'running']);
  // Its spare pipes.
  expect(directories).toHaveLength(1);
  expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
});

test('a run that is too short to be asked removes the socket of one that was killed', async () => {
  const app = project(`web: ${PUPPET}`);
  const run = app.begin('start');
  const web = await app.puppet('web.1');
  await until(() => existsSync(app.places.socket), 'it can be asked');
  run.kill('SIGKILL');
  await gone([web.pid, run.pid]);
  expect(existsSync(app.places.socket)).toBe(true);
  app.write('Procfile', 'web: true\n');
  const short = await app.run('start');
  expect(short).toMatchObject({ status: 0 });
  expect(short.stdout).toMatch(TOLD);
  expect(existsSync(app.places.socket)).toBe(false);
});

test('a daemon cleans up after a foreground run that was killed', async () => {
  const app = project(`web: ${PUPPET}`);
  const run = app.begin('start');
  const web = await app.puppet('web.1');
  await until(() => app.owner() !== undefined, 'it holds the project');
  const { identity } = app.owner() as LockOwner;
  expect(identity.pid).toBe(run.pid);
  run.kill('SIGKILL');
  await gone([web.pid]);
  const started = await app.run('start', '-d');
  expect(started).toMatchObject({ status: 0 });
  expect(TOLD.exec(started.stderr)?.[1]).toBe(String(run.pid));
});
