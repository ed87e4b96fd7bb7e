import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { inTime, until } from '../../helpers/eventually.ts';
import { signalIfAlive, stateOf } from '../../helpers/proc.ts';
import { scratch } from '../../helpers/scratch.ts';

/** Launches what it is told, passes on what it hears, lets go at a line `go`, and says that it has nothing to do then. */
const PARENT = `
const { launchDaemon } = require('./daemonize.cjs');
const say = (value) => console.log(JSON.stringify(value));
const daemon = launchDaemon(JSON.parse(process.argv[2]));
say({ pid: daemon.pid });
daemon.ended.then((end) => say({ end }));
setImmediate(() => daemon.lines((line) => say({ line: JSON.parse(line) })));
process.stdin.once('data', () => { daemon.letGo(); process.stdin.destroy(); });
process.stdin.unref();
`;

interface Said {
  readonly pid?: number | null;
  readonly line?: unknown;
  readonly end?: unknown;
}

function launch({ args = ['live'], log = '', root = '', cwd = '/' } = {}) {
  const base = scratch({ 'parent.cjs': PARENT, marker: '' });
  for (const [source, name] of [
    ['../../../src/os/process/daemonize.ts', 'daemonize.cjs'],
    ['../../fixtures/daemon.ts', 'daemon.cjs'],
  ] as const) {
    const entryPoints = [resolve(import.meta.dirname, source)];
    buildSync({ entryPoints, outfile: join(base, name), bundle: true, platform: 'node' });
  }
  const logFile = root === '' ? join(base, 'daemon.log') : join(root, 'daemon.log');
  if (log !== '') writeFileSync(logFile, log);
  const request = { script: join(base, 'daemon.cjs'), args, logFile, env: { GIVEN: 'this' }, cwd };
  // The parent has more open than it knows of.
  const marker = openSync(join(base, 'marker'), 'r');
  const inherited = Array.from({ length: 41 }, (_, fd) => ([5, 20, 40].includes(fd) ? marker : 'ignore'));
  const parent = spawn(process.execPath, ['parent.cjs', JSON.stringify(request)], {
    cwd: base,
    stdio: ['pipe', 'pipe', 'pipe', ...inherited.slice(3)],
  }) as ChildProcessWithoutNullStreams;
  closeSync(marker);
  const said: Said[] = [];
  createInterface({ input: parent.stdout }).on('line', (text) => said.push(JSON.parse(text) as Said));
  let complaints = '';
  parent.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  parent.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((end) => parent.once('close', end));
  const pid = () => said.find((each) => typeof each.pid === 'number')?.pid ?? 0;
  onTestFinished(() => {
    parent.kill('SIGKILL');
    if (pid() > 0) signalIfAlive(pid(), 'SIGKILL');
  });
  const lines = (): readonly unknown[] => said.filter((each) => 'line' in each).map((each) => each.line);
  return {
    parent,
    base,
    logFile,
    pid,
    lines,
    end: () => said.find((each) => 'end' in each)?.end,
    ended: inTime(ended, 'the parent ends', () => complaints),
    log: () => readFileSync(logFile, 'utf8'),
    speaks: (count: number) => until(() => lines().length >= count, `line ${String(count)}`),
    go: () => void parent.stdin.write('go'),
  };
}

test('a daemon leads a session without a terminal, and has nothing of its parent', async () => {
  const { speaks, lines, pid, logFile } = launch();
  await speaks(1);
  expect(lines()).toEqual([
    {
      pid: pid(),
      group: pid(),
      session: pid(),
      terminal: 0,
      cwd: '/',
      env: 'this',
      descriptors: ['0 /dev/null', `1 ${logFile}`, `2 ${logFile}`, expect.stringMatching(/^3 socket:/)],
      ofChild: ['0', '1', '2', '3'], // The last is that of the listing itself.
    },
  ]);
});

test('it outlives a parent that lets go, which ends by itself', async () => {
  const { speaks, go, ended, pid, log } = launch();
  await speaks(1);
  go();
  expect(await ended).toBe(0);
  process.kill(pid(), 'SIGUSR2');
  await until(() => log() === 'still here\n', 'it speaks to nobody, and lives');
  process.kill(pid(), 'SIGUSR2');
  await until(() => log() === 'still here\nstill here\n', 'it goes on');
});

test('a parent that is killed in the middle of it does no harm', async () => {
  const { speaks, parent, ended, pid, log } = launch({ args: ['live', '3000000'] });
  await speaks(1);
  parent.kill('SIGKILL');
  await ended;
  for (const count of [1, 2, 3]) {
    process.kill(pid(), 'SIGUSR2');
    await until(() => log() === 'still here\n'.repeat(count), 'it goes on');
  }
});

test('a parent that is stopped does not hold it up, and hears all of it later', async () => {
  const { speaks, parent, pid, log, lines } = launch({ args: ['live', '3000000'] });
  await speaks(1);
  parent.kill('SIGSTOP');
  await until(() => stateOf(parent.pid ?? 0) === 'T', 'it is stopped');
  process.kill(pid(), 'SIGUSR2');
  await until(() => log() === 'still here\n', 'it goes on');
  parent.kill('SIGCONT');
  await speaks(2);
  expect(lines()[1]).toBe('x'.repeat(3_000_000));
});

test('one that dies before it speaks leaves its status, and its last words in the log', async () => {
  const { ended, end, lines, log, go } = launch({ args: ['die'] });
  await until(() => end() !== undefined, 'its end');
  expect(end()).toEqual({ status: 3, signal: null, error: null });
  expect(lines()).toEqual([]);
  expect(log()).toBe('last words\n');
  go();
  expect(await ended).toBe(0);
});

test('its end by a signal is told, after its last line', async () => {
  const { speaks, lines, pid, end } = launch();
  await speaks(1);
  process.kill(pid(), 'SIGHUP');
  await speaks(2);
  process.kill(pid(), 'SIGKILL');
  await until(() => end() !== undefined, 'its end');
  expect(end()).toEqual({ status: null, signal: 'SIGKILL', error: null });
  expect(lines().slice(1)).toEqual(['bye']);
});

test('one that cannot be started is told by the name of the error', async () => {
  const { end, ended, go } = launch({ cwd: '/no/such/directory' });
  await until(() => end() !== undefined, 'its end');
  expect(end()).toEqual({ status: null, signal: null, error: 'ENOENT' });
  go();
  expect(await ended).toBe(0);
});

test('the log is ours alone and goes on where it was', async () => {
  const { end, log, logFile } = launch({ args: ['die'], log: 'of yesterday\n' });
  await until(() => end() !== undefined, 'its end');
  expect(log()).toBe('of yesterday\nlast words\n');
  expect(statSync(logFile).mode & 0o777).toBe(0o600);
});

test('a log that has become long makes room', async () => {
  const old = 'x'.repeat(1024 * 1024 + 1);
  const { end, log, logFile } = launch({ args: ['die'], log: old });
  await until(() => end() !== undefined, 'its end');
  expect(log()).toBe('last words\n');
  expect(readFileSync(`${logFile}.1`, 'utf8')).toBe(old);
});

test('a FIFO in place of the log is refused, and nobody waits for it', async () => {
  const root = scratch();
  execFileSync('mkfifo', [join(root, 'daemon.log')]);
  const { parent, ended, pid } = launch({ root });
  let complaints = '';
  parent.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  expect(await ended).not.toBe(0);
  expect(complaints).toMatch(/ENXIO|not a regular file/);
  expect(pid()).toBe(0);
});
