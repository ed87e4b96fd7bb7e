/** `start -d`: what it says, and what kind of process it leaves behind. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { commandOf, isAlive } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasScript) console.warn('no `script` of util-linux here: no terminal is closed behind a daemon');

const LIVE = 'exec sleep infinity';

describe('says', () => {
  test('what has started, and the pid of the daemon', async () => {
    const app = project(`web: ${LIVE}\nworker: ${LIVE}`);
    const { status, stdout, stderr } = await app.run('start', '-d', '-m', 'worker=2');
    const [, web = '', , , daemon = ''] =
      /^web\.1 started \(pid (\d+)\)\nworker\.1 started \(pid (\d+)\)\nworker\.2 started \(pid (\d+)\)\nprocsup is running in the background \(pid (\d+)\)\n$/.exec(
        stdout,
      ) ?? [];
    expect({ status, stderr, owner: app.owner()?.identity.pid }).toEqual({
      status: 0,
      stderr: '',
      owner: Number(daemon),
    });
    expect([web, daemon].map(Number).map(isAlive)).toEqual([true, true]);
    expect(commandOf(Number(web))).toBe('sleep infinity ');
  });

  test('who is not up, why, and its last lines; its status is ours, and the others run', async () => {
    const app = project(`web: ${LIVE}\nbad: for i in $(seq 22); do echo line $i; done; exit 7`);
    const ended = await app.run('start', '-d', '--restart', 'never');
    expect(ended).toMatchObject({
      status: 7,
      stderr: [
        'procsup: bad.1 failed to start: it exited with status 7\n',
        ...Array.from({ length: 20 }, (_, before) => before + 3).map(
          (number) => `  bad.1 | line ${String(number)}\n`,
        ),
      ].join(''),
    });
    expect(ended.stdout).toMatch(/^web\.1 started \(pid \d+\)\nprocsup is running in the background/);
    expect((await app.ps()).map(({ name, state }) => [name, state])).toEqual([
      ['web.1', 'running'],
      ['bad.1', 'exited'],
    ]);
  });

  test('that a command is not found (127); a task that is done is no failure', async () => {
    const app = project('wrong: no-such-command-here --x\ntask: echo done');
    const { status, stdout, stderr } = await app.run('start', '-d');
    expect(status).toBe(127);
    expect(stderr).toContain('wrong.1 failed to start: it exited with status 127');
    expect(stderr).toContain('no-such-command-here');
    expect(stdout).toContain('task.1 exited with status 0\n');
  });

  test('everything as JSON', async () => {
    const app = project(`web: ${LIVE}\nbad: echo oops; exit 4`);
    const { status, stdout, stderr } = await app.run('start', '-d', '--json');
    expect({ status, stderr }).toEqual({ status: 4, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      pid: app.owner()?.identity.pid,
      instances: [
        { name: 'web.1', pid: await app.pidOf('web'), isUp: true, why: '', status: 0, lastLines: [] },
        {
          name: 'bad.1',
          pid: null,
          isUp: false,
          why: 'exited with status 4',
          status: 4,
          lastLines: ['oops'],
        },
      ],
    });
  });

  test('nothing of what comes later with --no-wait', async () => {
    const app = project(`web: ${PUPPET}`);
    const { status, stdout } = await app.run('start', '-d', '--no-wait');
    expect(status).toBe(0);
    expect(stdout).toMatch(/procsup is running in the background \(pid \d+\)\n$/);
    expect((await app.puppet('web.1')).pid).toBe(await app.pidOf('web'));
  });
});

test.each([
  ['web: true\nweb: false', 'Procfile:2:1'],
  ['nothing', 'Procfile'],
])('a Procfile that is refused (%j) starts nothing: 2', async (procfile, place) => {
  const app = project(procfile);
  const { status, stdout, stderr } = await app.run('start', '-d');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(place);
  expect(app.daemonLog()).toBe('');
  expect(app.owner()).toBeUndefined();
});

describe('the daemon', () => {
  test('has a session of its own, no terminal, and no descriptor of ours; its stdio is its log', async () => {
    const app = project(`web: ${LIVE}`, { files: { secret: 'x' } });
    const shell = app.beginProgram('/bin/sh', '-c', `exec 7<secret 9>>other; exec ${PROCSUP} start -d`);
    expect(await shell.ended).toMatchObject({ status: 0 });
    const pid = app.owner()?.identity.pid ?? 0;

    const [, , group, session, terminal] = statFields(pid);
    expect({ group, session, terminal }).toEqual({ group: String(pid), session: String(pid), terminal: '0' });
    const links = linksOf(pid);
    expect([0, 1, 2].map((fd) => links.get(fd))).toEqual([
      '/dev/null',
      app.places.daemonLog,
      app.places.daemonLog,
    ]);
    // The pipes of its children are FIFOs that were made here, and are gone.
    const ofOurs = [...links.values()].filter((link) => link.startsWith(app.root));
    expect(ofOurs.filter((link) => !/\/procsup-\w+\/\d+ \(deleted\)$/.test(link))).toEqual([]);
    expect(statSync(app.places.daemonLog).mode & 0o777).toBe(0o600);
    expect(app.daemonLog()).toContain('web.1 started');

    // Nor has its child anything but its own three.
    const child = linksOf(await app.pidOf('web'));
    expect([...child.keys()]).toEqual([0, 1, 2]);
    expect([...child.values()].every((link) => link.startsWith('pipe:') || link.includes('(deleted)'))).toBe(
      true,
    );
  });

  test('lives on when the group of its parent gets SIGHUP', async () => {
    const app = project(`web: ${PUPPET}`);
    const shell = app.beginProgram('/bin/sh', '-c', `${PROCSUP} start -d; cat; true`);
    await shell.says('in the background');
    const daemon = app.owner()?.identity.pid ?? 0;
    process.kill(-shell.pid, 'SIGHUP');
    expect((await shell.ended).signal).toBe('SIGHUP');
    await isStillAnswering(app, daemon);
  });

  test.skipIf(!hasScript)('lives on when the terminal is closed in which it was started', async () => {
    const app = project(`web: ${PUPPET}`);
    // A terminal of unknown width, as `script` makes it here: what is fitted to it must not vanish.
    const line = `"${PROCSUP}" start -d && "${PROCSUP}" ps; echo the shell is $$; cat`;
    const terminal = app.beginProgram('script', '-qc', line, '/dev/null');
    await terminal.says(/the shell is \d+/);
    expect(terminal.stdout).toMatch(/web\.1 +running +\d+/);
    const shell = Number(/the shell is (\d+)/.exec(terminal.stdout)?.[1]);
    const daemon = app.owner()?.identity.pid ?? 0;
    terminal.kill('SIGKILL');
    await until(() => !isAlive(shell), 'the shell on the terminal has got its SIGHUP');
    await isStillAnswering(app, daemon);
  });

  test('and its children have the environment of the caller; that of .env is for the children only', async () => {
    const app = project(`web: ${PUPPET}`, {
      files: { '.env': 'NODE_OPTIONS=--no-warnings\nOF_FILE=1\n', 'bin/tool': '#!/bin/sh\n' },
    });
    const path = `${join(app.root, 'bin')}:${process.env['PATH'] ?? ''}`;
    const start = app.beginProgram('env', `PATH=${path}`, 'OF_CALLER=2', PROCSUP, 'start', '-d');
    expect(await start.ended).toMatchObject({ status: 0 });
    const child = await (await app.puppet('web.1')).environment();
    expect(child).toMatchObject({
      ...{ PATH: path, OF_CALLER: '2', OF_FILE: '1', NODE_OPTIONS: '--no-warnings' },
      ...{ PS: 'web.1', PORT: '5000' },
    });
    const daemon = readFileSync(`/proc/${String(app.owner()?.identity.pid)}/environ`, 'utf8').split('\0');
    expect(daemon).toContain('OF_CALLER=2');
    expect(daemon.filter((entry) => /^(NODE_OPTIONS|OF_FILE)=/.test(entry))).toEqual([]);
  });
});

async function isStillAnswering(app: Project, daemon: number): Promise<void> {
  const puppet = await app.puppet('web.1');
  expect(await app.ps()).toMatchObject([{ name: 'web.1', state: 'running', pid: puppet.pid }]);
  expect(app.owner()?.identity.pid).toBe(daemon);
}

/** From field 3, the state, on; see proc(5). */
function statFields(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function linksOf(pid: number): ReadonlyMap<number, string> {
  const directory = `/proc/${String(pid)}/fd`;
  return new Map(readdirSync(directory).map((fd) => [Number(fd), readlinkSync(join(directory, fd))]));
}
