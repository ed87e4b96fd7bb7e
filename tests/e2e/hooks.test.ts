/** Commands around the runs of a process, and who hears a stop first: all with real programs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { project } from '../helpers/daemon.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { startWith } from '../helpers/start.ts';

const LONG = ['-t', '1h'];

const linesOf = (root: string): readonly string[] => {
  const path = join(root, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const says = (root: string, line: string) =>
  until(() => linesOf(root).includes(line), `the log says ${line}`);

/** Tells that it runs; at SIGTERM it says so and ends. */
const SERVER = `
import { appendFileSync } from 'node:fs';
const note = (text) => appendFileSync('log', text + '\\n');
for (const signal of ['SIGTERM', 'SIGUSR1']) process.on(signal, () => (note(signal), process.exit(3)));
setInterval(() => undefined, 1_000_000);
note('runs as ' + process.pid);
`;

/** As celery's pool: the main process has children in its group, which are lost when they are asked to end. */
const PREFORK = `
import { fork } from 'node:child_process';
import { appendFileSync } from 'node:fs';
const [part = 'main', last = 'waits'] = process.argv.slice(2);
const note = (text) => appendFileSync('log', part + ' ' + text + '\\n');
process.on('SIGTERM', () => {
  note('SIGTERM');
  if (part === 'child') return last !== 'waits' && process.exit(0);
  if (last === 'hangs' || last === 'asked') return;
  if (last === 'leaves') process.exit(0);
  child.send('finish');
});
setInterval(() => undefined, 1_000_000);
const child = part === 'main' ? fork(process.argv[1], ['child', last]) : undefined;
child?.on('exit', (status) => (note('has a child with ' + status), process.exit(0)));
child?.on('message', () => note('ready'));
if (part === 'child') {
  process.on('message', () => (note('finished'), process.exit(0)));
  process.send('ready');
}
`;

const prefork = (last: string, target: string) =>
  project(`pool: node prefork.mjs main ${last}`, {
    files: { 'prefork.mjs': PREFORK, 'procsup.yaml': `processes: { pool: { stop_target: ${target} } }\n` },
  });

describe('stop_target: main', () => {
  test('asks the first process only, which ends its children itself', async () => {
    const app = prefork('waits', 'main');
    await app.up(...LONG);
    await says(app.root, 'main ready');
    expect(await app.run('stop', 'pool')).toMatchObject({ status: 0 });
    expect(linesOf(app.root)).toEqual([
      'main ready',
      'main SIGTERM',
      'child finished',
      'main has a child with 0',
    ]);
  });

  test('without it all of them are asked', async () => {
    const app = prefork('asked', 'group');
    await app.up(...LONG);
    await says(app.root, 'main ready');
    expect(await app.run('stop', 'pool')).toMatchObject({ status: 0 });
    expect(linesOf(app.root)).toContain('child SIGTERM');
  });

  test('asks those whom the first process leaves behind, once', async () => {
    const app = prefork('leaves', 'main');
    await app.up(...LONG);
    await says(app.root, 'main ready');
    expect(await app.run('stop', 'pool')).toMatchObject({ status: 0 });
    expect(linesOf(app.root)).toEqual(['main ready', 'main SIGTERM', 'child SIGTERM']);
  });

  test('kills all of them when the time is over', async () => {
    const app = prefork('hangs', 'main');
    await app.up(...LONG);
    await says(app.root, 'main ready');
    const patient = app.begin('stop', 'pool');
    await says(app.root, 'main SIGTERM');
    expect(await app.run('stop', 'pool', '-t', '300ms')).toMatchObject({ status: 0 });
    expect(await patient.ended).toMatchObject({ status: 0 });
    expect(linesOf(app.root)).toEqual(['main ready', 'main SIGTERM']);
  });
});

const hooked = (yaml: string, more: Readonly<Record<string, string>> = {}) =>
  project('app: node server.mjs', {
    files: {
      'server.mjs': SERVER,
      'procsup.yaml': `processes:\n  app:\n${yaml
        .trim()
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n')}\n`,
      ...more,
    },
  });

test('all hooks run in their turns, with the pid and the exit status, and are logged as the process', async () => {
  const app = hooked(`
pre_start: echo "pre_start \${PROCSUP_PID-none} $PS" | tee -a log
post_start: echo "post_start $PROCSUP_PID" | tee -a log
pre_stop: echo "pre_stop $PROCSUP_PID" >> log
stop_command: echo "stop_command $PROCSUP_PID" >> log
post_stop: echo "post_stop $PROCSUP_PID $PROCSUP_EXIT_STATUS" | tee -a log`);
  await app.up(...LONG);
  await until(() => linesOf(app.root).some((line) => line.startsWith('runs')), 'it runs');
  const pid = await app.pidOf('app');
  await says(app.root, `post_start ${String(pid)}`);
  expect(await app.run('stop', 'app')).toMatchObject({ status: 0 });
  expect(linesOf(app.root).toSorted()).toEqual(
    [
      'pre_start none app.1',
      `runs as ${String(pid)}`,
      `post_start ${String(pid)}`,
      `pre_stop ${String(pid)}`,
      `stop_command ${String(pid)}`,
      'SIGTERM',
      `post_stop ${String(pid)} 3`,
    ].toSorted(),
  );
  expect(linesOf(app.root)[0]).toBe('pre_start none app.1');
  expect(
    linesOf(app.root)
      .slice(-4)
      .map((line) => line.split(' ')[0]),
  ).toEqual([...['pre_stop', 'stop_command', 'SIGTERM', 'post_stop']]);
  const { stdout } = await app.run('logs', 'app', '--color', 'never');
  expect(stdout).toMatch(/app\.1 +\| pre_start none app\.1/);
  expect(stdout).toContain(`post_stop ${String(pid)} 3`);
});

test('a stop command that ends the process is all that it hears', async () => {
  const app = hooked(
    'stop_command: kill -s USR1 $PROCSUP_PID; while kill -0 $PROCSUP_PID; do sleep 0.1; done; echo over >> log',
  );
  await app.up(...LONG);
  await until(() => linesOf(app.root).some((line) => line.startsWith('runs')), 'it runs');
  expect(await app.run('stop', 'app')).toMatchObject({ status: 0 });
  expect(linesOf(app.root).slice(1)).toEqual(['SIGUSR1', 'over']);
});

test('a second stop does not wait for the stop command', async () => {
  const app = hooked('stop_command: echo asked >> log; sleep 1000; echo over >> log');
  await app.up(...LONG);
  await until(() => linesOf(app.root).some((line) => line.startsWith('runs')), 'it runs');
  const first = app.begin('stop', 'app');
  await says(app.root, 'asked');
  expect(await app.run('stop', 'app')).toMatchObject({ status: 0 });
  expect(await first.ended).toMatchObject({ status: 0 });
  expect(linesOf(app.root).slice(1)).toEqual(['asked', 'SIGTERM']);
});

test('post_stop runs before the next run, and before the end of all', async () => {
  const app = hooked('post_stop: sleep 0.3; echo post_stop >> log');
  await app.up(...LONG);
  await until(() => linesOf(app.root).length === 1, 'it runs');
  expect(await app.run('restart', 'app')).toMatchObject({ status: 0 });
  await until(() => linesOf(app.root).length === 4, 'it runs again');
  expect(await app.run('down')).toMatchObject({ status: 0 });
  const words = linesOf(app.root).map((line) => line.split(' ')[0]);
  expect(words).toEqual(['runs', 'SIGTERM', 'post_stop', 'runs', 'SIGTERM', 'post_stop']);
});

describe('a pre_start', () => {
  test('that fails is a failed start', async () => {
    const app = startWith({
      files: {
        'server.mjs': SERVER,
        Procfile: 'app: node server.mjs\n',
        'procsup.yaml': "processes: { app: { pre_start: 'echo no database; exit 3' } }\n",
      },
      args: ['start'],
    });
    await app.says('no database');
    await app.says('app.1 cannot be started: pre_start exited with status 3');
    // The status of what was not started: neither that of its hook nor that of an error of ours.
    expect((await app.ended).status).toBe(1);
    expect(linesOf(app.root)).toEqual([]);
  });

  test('that fails is the status of a start in the background, too', async () => {
    const app = hooked('pre_start: echo no database; exit 3');
    const { status, stderr } = await app.run('start', '-d', '--restart', 'never', ...LONG);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'procsup: app.1 failed to start: it could not be started: pre_start exited with status 3\n  app.1 | no database\n',
    );
    expect(linesOf(app.root)).toEqual([]);
  });

  test('that fails is tried again by the restart policy', async () => {
    const app = hooked(`
pre_start: if [ -e once ]; then exit 0; fi; touch once; exit 1
restart: { policy: on-failure, delay: 10ms }`);
    await app.up(...LONG);
    await until(() => linesOf(app.root).length === 1, 'it runs');
  });

  test('that takes too long is killed with all that it has started', async () => {
    const app = startWith({
      files: {
        Procfile: 'app: sleep 1000\n',
        'procsup.yaml':
          "processes: { app: { pre_start: { command: 'sleep 1000 & sleep 1000', timeout: 200ms } } }\n",
      },
      args: ['start'],
    });
    await app.says('app.1 cannot be started: pre_start timed out after 200ms');
    await app.ended;
    expect(withEnvironment(app.mark)).toEqual([]);
  });

  test('is ended by a stop, and the process is not started', async () => {
    const app = hooked('pre_start: echo began >> log; sleep 1000; echo over >> log');
    const start = app.begin('start', '-d', ...LONG);
    await says(app.root, 'began');
    await until(() => app.owner() !== undefined, 'it can be asked');
    expect(await app.run('stop', 'app')).toMatchObject({ status: 0 });
    await start.ended;
    expect(await app.ps()).toMatchObject([{ state: 'stopped', pid: null }]);
    expect(linesOf(app.root)).toEqual(['began']);
  });
});

test('no hook outlives a supervisor that is killed', async () => {
  const app = startWith({
    files: {
      Procfile: 'app: sleep 1000\n',
      'procsup.yaml': "processes: { app: { post_start: 'echo $$ > pid; sleep 1000; true' } }\n",
    },
    args: ['start'],
  });
  const path = join(app.root, 'pid');
  await until(() => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'), 'the hook runs');
  const pid = Number(readFileSync(path, 'utf8'));
  expect(isAlive(pid)).toBe(true);
  app.kill('SIGKILL');
  await app.ended;
  await until(() => !isAlive(pid), 'the hook is gone');
});
