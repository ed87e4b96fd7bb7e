/** Rolling restarts: real servers, real clients. docs/listen.md is the specification. */
import { readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { project, type Project, type Row } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';

type Shown = Row & {
  readonly sockets?: readonly { readonly port: number | null }[];
  readonly otherRun?: { readonly is: 'new' | 'old'; readonly pid: number | null; readonly state: string };
};

/** Says that it listens, answers with its pid, and ends in order. With a file `hang` it is never ready, with `fail` it ends. */
const SERVER = `
const { createServer } = require('http');
const { existsSync } = require('fs');
if (existsSync('fail')) process.exit(3);
const server = createServer((request, response) => response.end(String(process.pid)));
if (existsSync('hang')) setInterval(() => undefined, 1e6);
else server.listen({ fd: 3 }, () => console.log('listening'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

const rolling = (more = '', within = '') =>
  project('other: sleep 1000', {
    files: {
      'server.cjs': SERVER,
      'procsup.yaml': `processes:\n  web:\n    command: exec node server.cjs\n    listen: 127.0.0.1:0\n    ready: {log: listening${within}}\n${more}`,
    },
  });

const rowsOf = async (app: Project): Promise<readonly Shown[]> => await app.ps('web');

const remove = (app: Project, file: string): void => rmSync(join(app.root, file));

/** Looks again and again: each look is a command. */
async function shows(app: Project, isSo: (row: Shown | undefined) => boolean): Promise<Shown | undefined> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline;) {
    const [row] = await rowsOf(app);
    if (isSo(row)) return row;
  }
  throw new Error('it is never shown');
}

const portOf = async (app: Project): Promise<number> => (await rowsOf(app))[0]?.sockets?.[0]?.port ?? 0;

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent: false }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

/** One request each 10 ms, until the returned function is called, which returns those that failed. */
function load(port: number): () => Promise<readonly string[]> {
  const answers: Promise<string>[] = [];
  const failures: string[] = [];
  const timer = setInterval(() => {
    answers.push(ask(port).catch((error: unknown) => String(failures.push(String(error)))));
  }, 10);
  onTestFinished(() => clearInterval(timer));
  return async () => {
    clearInterval(timer);
    await Promise.all(answers);
    return failures;
  };
}

/** A second run that is not ready lives beside the first. */
async function midway(app: Project): Promise<{ readonly old: number; readonly next: number }> {
  const old = await app.pidOf('web.1');
  app.write('hang', '');
  app.begin('restart', '--rolling', 'web');
  const row = await shows(app, (one) => one?.otherRun?.pid != null);
  return { old, next: row?.otherRun?.pid ?? 0 };
}

test('no request fails over rolling restarts of two instances, one after the other', async () => {
  const app = rolling('    instances: 2\n');
  await app.up();
  const end = load(await portOf(app));
  const first = (await rowsOf(app)).map(({ pid }) => pid);
  for (let round = 0; round < 4; round += 1)
    expect(await app.run('restart', '--rolling', 'web')).toMatchObject({ status: 0 });
  expect(await end()).toEqual([]);
  const last = (await rowsOf(app)).map(({ pid }) => pid);
  expect(last.some((pid) => first.includes(pid))).toBe(false);
  const { stdout } = await app.run('events', '--no-follow', 'web');
  // Each begins when the old run of the one before has ended.
  const steps = [...stdout.matchAll(/new run of (web\.\d)|(web\.\d) exited/g)].map(
    ([, begun, ended]) => begun ?? ended,
  );
  for (let at = 0; at < steps.length; at += 2) expect(steps[at]).toBe(steps[at + 1]);
  expect(steps).toHaveLength(16);
});

test('a new run that fails leaves the old one as it is, and ends the sequence', async () => {
  const app = rolling('    instances: 2\n', ', within: 2s');
  await app.up();
  const pids = (await rowsOf(app)).map(({ pid }) => pid);
  const end = load(await portOf(app));
  app.write('fail', '');
  const failed = await app.run('restart', '--rolling', 'web');
  expect(failed.status).toBe(3);
  expect(failed.stdout).toContain('web.1 was not restarted: the new run exited with status 3');
  expect(failed.stdout).toContain('web.2 was not restarted: another instance failed');
  remove(app, 'fail');
  app.write('hang', '');
  const late = await app.run('restart', '--rolling', 'web.2');
  expect(late.status).toBe(1);
  expect(late.stdout).toContain('not ready within 2s');
  remove(app, 'hang');
  expect(await end()).toEqual([]);
  expect((await rowsOf(app)).map(({ pid }) => pid)).toEqual(pids);
  expect((await rowsOf(app)).some(({ otherRun }) => otherRun !== undefined)).toBe(false);
});

test('a stop in the middle ends both runs, and so does the end of the supervisor', async () => {
  const app = rolling();
  const supervisor = await app.up();
  const one = await midway(app);
  expect((await app.run('stop', 'web')).status).toBe(0);
  expect([one.old, one.next].filter(isAlive)).toEqual([]);
  remove(app, 'hang');
  await app.run('start', 'web');
  const other = await midway(app);
  process.kill(supervisor, 'SIGINT');
  await until(() => !isAlive(supervisor), 'the supervisor has ended');
  expect([other.old, other.next].filter(isAlive)).toEqual([]);
});

test('the guardian ends both runs when the supervisor is killed in the middle', async () => {
  const app = rolling();
  const supervisor = await app.up();
  const { old, next } = await midway(app);
  process.kill(supervisor, 'SIGKILL');
  await until(() => !isAlive(old) && !isAlive(next), 'both runs are gone');
});

test('the new run takes over at once when the old one is killed in the middle', async () => {
  const app = rolling();
  await app.up();
  const { old, next } = await midway(app);
  process.kill(old, 'SIGKILL');
  const row = await shows(app, (one) => one?.pid === next);
  expect(isAlive(next)).toBe(true);
  expect(row).toMatchObject({ state: 'running', ready: false });
});

test('a reload of a process with rolling keeps the old run until the new one is ready', async () => {
  const app = rolling('    rolling: true\n');
  await app.up();
  const end = load(await portOf(app));
  const pid = await app.pidOf('web.1');
  const yaml = readFileSync(join(app.root, 'procsup.yaml'), 'utf8');
  app.write('procsup.yaml', `${yaml}    environment: {CHANGED: 'yes'}\n`);
  expect((await app.run('reload')).status).toBe(0);
  expect(await end()).toEqual([]);
  expect(await app.pidOf('web.1')).not.toBe(pid);
  expect((await app.run('events', '--no-follow')).stdout).toContain('web.1 is replaced by its new run');
});

test('what two runs cannot do beside each other is refused with its remedy', async () => {
  const app = project('web: sleep 1000\nworker: sleep 1000');
  await app.up();
  const refused = await app.run('restart', '--rolling');
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toContain("two runs of 'web' cannot listen on the same port");
  expect(refused.stderr).toContain("add 'listen' to it");
  const pid = await app.pidOf('worker.1');
  expect(await app.run('restart', '--rolling', 'worker')).toMatchObject({ status: 0 });
  expect(await app.pidOf('worker.1')).not.toBe(pid);
  app.write('procsup.yaml', 'processes:\n  web: {rolling: true}\n');
  const checked = await app.run('check');
  expect(checked.status).not.toBe(0);
  expect(checked.stderr).toContain("so 'rolling' has no effect");
});
