/** One supervisor for a project, whatever happens to its lock, and whoever else has the same home. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runTagOf } from '../../src/core/run-tag.ts';
import type { LockOwner } from '../../src/os/files/lock-files.ts';
import { ownIdentity } from '../../src/os/process/identity.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const LIVE = 'exec sleep infinity';
const programsOf = (app: Project): readonly number[] =>
  withEnvironment(app.mark)
    .filter(({ command }) => command.startsWith('sleep'))
    .map(({ pid }) => pid);

/** Makes `owner` the owner of the project. */
function lockFor({ places }: Project, owner: LockOwner): void {
  mkdirSync(places.stateDirectory, { recursive: true, mode: 0o700 });
  for (const name of ['holder', 'claim.1']) {
    writeFileSync(join(places.stateDirectory, name), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  }
}

const NOBODY = { pid: 2 ** 22 + 1, started: '1' };

describe('a lock file with a run tag that is not one of its owner', () => {
  test.each(['', 'P'])('stops nobody: %j', async (given) => {
    const other = project(`web: ${LIVE}`);
    await other.up();
    const web = await other.pidOf('web');
    const victim = other.owner() as LockOwner;
    const app = project(`web: ${LIVE}`);
    const mark = given === '' ? '' : victim.mark;
    lockFor(app, { ...victim, root: app.root, mark, identity: { ...victim.identity, ...NOBODY } });
    const started = await app.run('start', '-d');
    expect(started).toMatchObject({ status: 0 });
    expect(started.stderr).not.toContain('stopped its remaining processes');
    expect(await other.pidOf('web')).toBe(web);
    expect(isAlive(web)).toBe(true);
  });
});

const canUnshare = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;

describe.skipIf(!canUnshare)('from another pid namespace with the same home', () => {
  const inside = (app: Project, ...words: readonly string[]) =>
    app.beginProgram('unshare', '-pf', '--mount-proc', PROCSUP, ...words).ended;

  test('a supervisor that answers is found, not started twice, and stopped', async () => {
    const app = project(`web: ${LIVE}`);
    await app.up();
    const before = programsOf(app);
    expect(await inside(app, 'ps')).toMatchObject({ status: 0 });
    expect((await inside(app, 'ls')).stdout).toContain(app.root);
    const second = await inside(app, 'start', '-d');
    expect(second).toMatchObject({ status: 3 });
    expect(second.stderr).toContain('already running');
    expect(programsOf(app)).toEqual(before);
    expect(await app.run('ps')).toMatchObject({ status: 0 });
    expect(await inside(app, 'down')).toMatchObject({ status: 0 });
    expect(programsOf(app)).toEqual([]);
    expect(app.owner()).toBeUndefined();
  });

  test('one whose container was killed is known to have ended by its socket, and the next start takes over', async () => {
    const app = project(`web: ${LIVE}`);
    const daemon = await app.up();
    const owner = app.owner() as LockOwner;
    process.kill(daemon, 'SIGKILL');
    await until(() => programsOf(app).length === 0, 'the guardian has stopped everything');
    expect(existsSync(owner.socket)).toBe(true);
    const { machine = '' } = owner.origin ?? {};
    // As it looks to a container that was started again: another pid namespace, the same boot, name and files.
    lockFor(app, { ...owner, origin: { machine, pidNamespace: '1' } });
    expect(await app.run('ps')).toMatchObject({ status: 3 });
    expect(await app.run('start', '-d')).toMatchObject({ status: 0 });
    expect(await app.run('ps')).toMatchObject({ status: 0 });
  });

  test('one that does not answer is refused with reason and remedy', async () => {
    const app = project(`web: ${LIVE}`);
    await app.up();
    const owner = app.owner() as LockOwner;
    expect((await app.run('down')).status).toBe(0);
    const { machine = '' } = owner.origin ?? {};
    lockFor(app, { ...owner, origin: { machine, pidNamespace: '1' } });
    for (const words of [['ps'], ['down'], ['start', '-d'], ['start']]) {
      const refused = await app.run(...words);
      expect(refused.status, words.join(' ')).toBeGreaterThan(0);
      expect(refused.stderr).toMatch(/in another container .* run the command there, or, .* remove 'holder'/);
    }
    expect(programsOf(app)).toEqual([]);
    lockFor(app, {
      ...owner,
      identity: { ...owner.identity, boot: 'x' },
      origin: { machine: 'far 1', pidNamespace: '1' },
    });
    expect((await app.run('ps')).stderr).toContain("a supervisor on the machine 'far'");
    lockFor(app, owner);
  });
});

test('a supervisor that answers is alive, whatever /proc says of its pid', async () => {
  const app = project(`web: ${LIVE}`);
  await app.up();
  const owner = app.owner() as LockOwner;
  const before = programsOf(app);
  const identity = { ...owner.identity, started: '1' };
  lockFor(app, { ...owner, identity });
  expect(await app.run('ps')).toMatchObject({ status: 0 });
  expect(await app.run('start', '-d')).toMatchObject({ status: 0 });
  expect(programsOf(app)).toEqual(before);
  lockFor(app, owner);
});

describe('the state directory is cleared while the supervisor runs', () => {
  test('it makes its lock again, and clients wait for that', async () => {
    const app = project(`web: ${LIVE}`);
    const daemon = await app.up();
    const before = programsOf(app);
    rmSync(app.places.stateDirectory, { recursive: true, maxRetries: 20 });
    expect(await app.run('ps')).toMatchObject({ status: 0 });
    expect(app.owner()?.identity.pid).toBe(daemon);
    expect((await app.run('events', '--no-follow')).stdout).toContain(
      'the lock of the project had been removed',
    );
    rmSync(app.places.stateDirectory, { recursive: true, maxRetries: 20 });
    const second = await app.run('start', '-d');
    expect(second).toMatchObject({ status: 0 });
    expect(second.stdout).toContain(`already running in the background (pid ${String(daemon)})`);
    expect(programsOf(app)).toEqual(before);
    rmSync(app.places.stateDirectory, { recursive: true, maxRetries: 20 });
    expect(await app.run('down')).toMatchObject({ status: 0 });
    expect(programsOf(app)).toEqual([]);
  });

  test('it ends in an orderly way, and says so, if another one has the project by then', async () => {
    const app = project(`web: ${LIVE}`);
    const daemon = await app.up();
    const owner = app.owner() as LockOwner;
    const identity = ownIdentity();
    const mark = runTagOf(identity.pid, Date.now(), 0.5);
    lockFor(app, { ...owner, identity, mark, socket: '' });
    await gone([daemon]);
    expect(programsOf(app)).toEqual([]);
    expect(app.daemonLog()).toContain(
      `another supervisor (pid ${String(identity.pid)}) runs this project: stopping`,
    );
    expect(app.owner()?.mark).toBe(mark);
    rmSync(app.places.stateDirectory, { recursive: true, maxRetries: 20 });
  });
});

describe('a project that is reached by a link', () => {
  /** `current` leads to the project itself first, then to another release of it. */
  function released(): { readonly app: Project; readonly link: string; readonly switchOver: () => void } {
    const app = project(`web: ${LIVE}`, { files: { 'next/Procfile': `web: ${LIVE}\n` } });
    const link = join(app.root, 'tmp', 'current');
    symlinkSync(app.root, link);
    const switchOver = (): void => {
      rmSync(link);
      symlinkSync(join(app.root, 'next'), link);
    };
    onTestFinished(() => rmSync(link, { force: true }));
    return { app, link, switchOver };
  }

  test('is found by the same path when the link leads elsewhere', async () => {
    const { app, link, switchOver } = released();
    await app.up('-C', link);
    const before = programsOf(app);
    switchOver();
    const listed = await app.run('ps', '-C', link);
    expect(listed).toMatchObject({ status: 0 });
    expect(listed.stderr).toContain(`started in ${app.root}, where ${link} led then`);
    for (const words of [['start', '-d'], ['start']]) {
      const second = await app.run(...words, '-C', link);
      expect(second).toMatchObject({ status: 3 });
      expect(second.stderr).toContain(`already running for ${app.root}`);
    }
    expect(programsOf(app)).toEqual(before);
    expect(await app.run('restart', '-C', link)).toMatchObject({ status: 0 });
    expect(programsOf(app)).not.toEqual(before);
    expect(await app.run('down', '-C', link)).toMatchObject({ status: 0 });
    expect(programsOf(app)).toEqual([]);
  });

  test('by the directory of the shell as well, and by the real path as ever', async () => {
    const { app, link, switchOver } = released();
    const shell = (...words: readonly string[]) =>
      app.beginProgram('sh', '-c', 'cd "$0" && exec "$@"', link, PROCSUP, ...words).ended;
    expect(await shell('start', '-d')).toMatchObject({ status: 0 });
    switchOver();
    expect(await shell('ps')).toMatchObject({ status: 0 });
    expect(await app.run('ps')).toMatchObject({ status: 0, stderr: '' });
    expect(await app.run('ps', '-C', join(app.root, 'next'))).toMatchObject({ status: 3 });
    expect(await shell('down')).toMatchObject({ status: 0 });
    expect(programsOf(app)).toEqual([]);
  });
});

describe('the directory of all locks', () => {
  test('was writable by other users: it is closed, and the start says so', async () => {
    const app = project(`web: ${LIVE}`);
    mkdirSync(app.places.stateBase, { recursive: true });
    chmodSync(app.places.stateBase, 0o777);
    const started = await app.run('start', '-d');
    expect(started).toMatchObject({ status: 0 });
    expect(started.stderr).toContain(`'${app.places.stateBase}' was writable by other users`);
    expect((await app.run('events', '--no-follow')).stdout).toContain('was writable by other users');
  });

  test('is a link: the start says so', async () => {
    const app = project(`web: ${LIVE}`);
    const target = join(app.root, 'tmp', 'elsewhere');
    mkdirSync(target);
    mkdirSync(dirname(app.places.stateBase), { recursive: true });
    symlinkSync(target, app.places.stateBase);
    const started = await app.run('start', '-d');
    expect(started).toMatchObject({ status: 0 });
    expect(started.stderr).toContain(`'${app.places.stateBase}' is a symbolic link to '${target}'`);
    expect(await app.run('ps')).toMatchObject({ status: 0 });
    expect(await app.run('down')).toMatchObject({ status: 0 });
    rmSync(target, { recursive: true });
    rmSync(app.places.stateBase);
  });
});
