/** One supervisor for each project, whoever is killed when, and whatever is left lying about. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LockOwner } from '../../src/os/files/lock-files.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';

const LIVE = 'exec sleep infinity';

/** Pids of the programs of the Procfile: nobody may be there twice. */
const programsOf = (app: Project): readonly number[] =>
  withEnvironment(app.mark)
    .filter(({ command }) => command.startsWith('sleep '))
    .map(({ pid }) => pid);

const pidIn = (text: string): number => Number(/\(pid (\d+)\)/.exec(text)?.[1]);

describe('twenty at the same moment', () => {
  test('start -d: one daemon, and nineteen that find it running (0, its pid)', async () => {
    // A PORT that no other test listens on: that would be said on stderr.
    const app = project(`web: ${LIVE}`, { files: { '.env': 'PORT=28123\n' } });
    const all = await Promise.all(Array.from({ length: 20 }, () => app.run('start', '-d')));
    const daemon = app.owner()?.identity.pid;
    expect(all.map(({ status, stderr }) => [status, stderr])).toEqual(all.map(() => [0, '']));
    const [up, ...more] = all.filter(({ stdout }) => stdout.includes('procsup is running in the background'));
    expect(more).toEqual([]);
    expect(up?.stdout).toContain(`in the background (pid ${String(daemon)})`);
    const others = all.filter((one) => one !== up);
    const said = `procsup is already running in the background (pid ${String(daemon)})\n`;
    expect(others.map(({ stdout }) => stdout.slice(-said.length))).toEqual(others.map(() => said));
    expect(programsOf(app)).toHaveLength(1);
  });

  test('start and start -d, mixed: one of them has it', async () => {
    const app = project(`web: ${LIVE}`);
    const clients = Array.from({ length: 20 }, (_, at) =>
      at % 2 === 0 ? app.begin('start', '-d') : app.begin('start'),
    );
    let ended = 0;
    for (const client of clients) void client.ended.then(() => (ended += 1));
    await until(() => ended >= 19, 'all but one have ended');
    await until(() => app.owner() !== undefined, 'somebody holds the project');
    const { identity } = app.owner() as LockOwner;
    expect(programsOf(app)).toHaveLength(1);

    expect((await app.run('down')).status).toBe(0);
    const all = await Promise.all(clients.map((client) => client.ended));
    const isDetached = (_: unknown, at: number): boolean => at % 2 === 0;
    const detached = all.filter(isDetached);
    expect(detached.map(({ status }) => status)).toEqual(detached.map(() => 0));
    // The one that has it may be a foreground run, which `down` ends.
    const losers = all.filter((one, at) => !isDetached(one, at) && one.status !== 0);
    expect(losers.length).toBeGreaterThanOrEqual(clients.length / 2 - 1);
    expect(losers.map(({ status, stderr }) => [status, pidIn(stderr)])).toEqual(
      losers.map(() => [3, identity.pid]),
    );
  });
});

test('a second start says who has it; with a name it starts that there', async () => {
  const app = project(`web: ${LIVE}\nworker: ${LIVE}`);
  const daemon = await app.up('web');
  const foreground = await app.run('start');
  expect(foreground.status).toBe(3);
  expect(pidIn(foreground.stderr)).toBe(daemon);
  expect(await app.run('stop', 'web')).toMatchObject({ status: 0 });
  const started = await app.run('start', 'web');
  expect(started).toMatchObject({ status: 0 });
  expect(pidIn(started.stdout)).toBe(await app.pidOf('web'));
});

describe('what is left lying about', () => {
  test('a socket on which nobody listens, a lock file of a dead process, one half written', async () => {
    const app = project(`web: ${LIVE}`);
    await app.up();
    const { identity } = app.owner() as LockOwner;
    process.kill(identity.pid, 'SIGKILL');
    await gone([identity.pid]);
    // The socket and the lock files are those of the killed supervisor.
    expect(existsSync(app.places.socket)).toBe(true);
    expect(await app.run('ps')).toMatchObject({ status: 3, stdout: '' });
    writeFileSync(join(app.places.stateDirectory, `making.${String(identity.pid)}.1.abc`), '');
    expect(await app.up()).not.toBe(identity.pid);
    expect(readdirSync(app.places.stateDirectory).sort()).toEqual([
      ...['claim.2', 'daemon.log', 'holder', 'logs'],
    ]);
    expect(programsOf(app)).toHaveLength(1);
  });

  test('a lock file whose pid belongs to another process by now: that one is not touched', async () => {
    const app = project(`web: ${LIVE}`);
    const stranger = strangerOf();
    await app.up();
    const owner = app.owner() as LockOwner;
    expect((await app.run('down')).status).toBe(0);
    mkdirSync(app.places.stateDirectory, { recursive: true, mode: 0o700 });
    const stale = { ...owner, identity: { ...owner.identity, pid: stranger.pid } };
    for (const name of ['holder', 'claim.1']) {
      writeFileSync(join(app.places.stateDirectory, name), `${JSON.stringify(stale)}\n`, { mode: 0o600 });
    }
    expect((await app.run('ps')).status).toBe(3);
    await app.up();
    expect((await app.run('down')).status).toBe(0);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
  });
});

function strangerOf(): ChildProcess {
  const stranger = spawn('sleep', ['infinity'], { stdio: 'ignore' });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  return stranger;
}

/** How far the start has come when somebody is killed, as it can be seen from outside. */
const STAGE: Readonly<Record<string, (app: Project) => boolean>> = {
  'it is there': () => true,
  'it has a state directory': ({ places }) => existsSync(places.stateDirectory),
  'it has a log': ({ places }) => existsSync(places.daemonLog),
  'it has a lock file': ({ places }) => filesIn(places.stateDirectory).includes('claim.1'),
  'it holds the project': (app) => app.owner() !== undefined,
  'it has a directory for pipes': ({ root }) => filesIn(join(root, 'tmp')).length > 0,
  'a program runs': (app) => programsOf(app).length > 0,
  'it listens': ({ places }) => existsSync(places.socket),
};

const filesIn = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory) : [];

test.each([
  ['the start', 'it is there'],
  ['the daemon', 'it is there'],
  ['both', 'it has a state directory'],
  ['both', 'it has a log'],
  ['the daemon', 'it has a lock file'],
  ['the daemon', 'it holds the project'],
  ['both', 'it has a directory for pipes'],
  ['the daemon', 'a program runs'],
  ['the start', 'a program runs'],
  ['the daemon', 'it listens'],
])('SIGKILL for %s as soon as %s: the next start works, nobody is there twice', async (who, stage) => {
  const app = project(`web: ${LIVE}\nworker: ${LIVE}`, { mayLeavePipes: true });
  const starter = app.begin('start', '-d');
  const daemons = () => withEnvironment(app.mark).filter(({ command }) => command.includes(' --daemon '));
  const isThere = () => who === 'the start' || daemons().length > 0;
  await until(() => isThere() && STAGE[stage]?.(app) === true, 'it has come so far');
  if (who !== 'the daemon') starter.kill('SIGKILL');
  if (who !== 'the start') for (const { pid } of daemons()) process.kill(pid, 'SIGKILL');
  const { status, stdout } = await starter.ended;
  // On a busy machine it may have succeeded before the stage was seen here.
  if (!stdout.includes('in the background')) expect(status).not.toBe(0);

  const again = await app.run('start', '-d');
  expect(again.status).toBe(0);
  const pids = (await app.ps()).map(({ pid }) => pid);
  expect([...programsOf(app)].sort()).toEqual([...pids].sort());
  expect(pids).toHaveLength(2);
  expect(daemons()).toHaveLength(1);
});
