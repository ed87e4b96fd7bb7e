/** Where the system allows few open files: it works, or it says at the start that it cannot. */
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const JOBS = 'a: sleep infinity & exec sleep infinity';

const within = (app: Project, limit: number, ...words: readonly string[]) =>
  app.beginProgram('/bin/sh', '-c', `ulimit -n ${String(limit)}; exec "$0" "$@"`, PROCSUP, ...words);

/** Watches the events; resolves with the first line of the answer. */
async function watch(app: Project): Promise<string> {
  const socket = connect(app.places.socket);
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString()));
  socket.on('error', (error) => (text += `${String(error)}\r\n`));
  socket.write('GET /v1/events?follow HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => text.includes('\r\n'), 'an answer');
  return text.slice(0, text.indexOf('\r\n'));
}

const answered = (app: Project): Promise<void> =>
  until(() => app.owner() !== undefined, 'there is a supervisor');

describe('a limit of 70, 25 processes and 60 clients that watch', () => {
  test('a process that is killed is restarted, and no other is touched', async () => {
    const app = project(JOBS);
    const run = within(
      ...([app, 70, 'start', '-m', 'a=25', '--stdin', 'null'] as const),
      ...(['--restart', 'always', '--restart-delay', '200ms'] as const),
    );
    await answered(app);
    await app.run('wait', 'a', '--for', 'running');
    const before = await app.ps();
    for (let count = 0; count < 60; count += 1) {
      expect(await watch(app)).toMatch(/^HTTP\/1\.1 (200 OK|503 Service Unavailable)$/);
    }
    const [victim = expect.fail('no process')] = before;
    process.kill(victim.pid ?? 0, 'SIGKILL');
    await run.says(/a\.1 .*SIGKILL/);
    await run.says(/a\.1 started [^]*a\.1 started/);
    const others = (rows: Awaited<ReturnType<typeof app.ps>>) => rows.slice(1).map(({ pid }) => pid);
    expect(others(await app.ps())).toEqual(others(before));
    expect(run.stderr).toBe('');
    expect(await app.run('down')).toMatchObject({ status: 0 });
    expect(await run.ended).toMatchObject({ status: 0 });
  });
});

describe('a daemon', () => {
  test('that has too few says so at its start, and how many it needs; with those it answers', async () => {
    const app = project(JOBS);
    const refused = await within(app, 40, 'start', '-d', '-m', 'a=12').ended;
    expect(refused).toMatchObject({ status: 125, stdout: '' });
    expect(refused.stderr).toMatch(
      /^procsup: cannot start: 12 processes need \d+ file descriptors, and the limit is 40: raise it, as by 'ulimit -n 128'\n$/,
    );
    const needed = Number(/need (\d+)/.exec(refused.stderr)?.[1]);
    const started = await within(app, needed, 'start', '-d', '-m', 'a=12').ended;
    // Other tests may have its PORT, which is said on stderr.
    expect(started, started.stderr).toMatchObject({ status: 0 });
    for (const words of [['ps'], ['logs'], ['stats'], ['restart', 'a'], ['ps']]) {
      expect(await app.run(...words), words.join(' ')).toMatchObject({ status: 0, stderr: '' });
    }
  });

  test('that is scaled beyond its limit refuses with words, goes on and answers', async () => {
    const app = project(JOBS);
    const policy = ['--restart', 'on-failure', '--restart-delay', '10ms'];
    expect(await within(app, 80, 'start', '-d', ...policy).ended).toMatchObject({ status: 0 });
    const scaled = await app.run('scale', 'a=60');
    expect(scaled.status).not.toBe(0);
    expect(scaled.stdout + scaled.stderr).toContain('no free descriptors left (see `ulimit -n`)');
    expect(await app.run('ps')).toMatchObject({ status: 0 });
    expect(await app.run('scale', 'a=1')).toMatchObject({ status: 0 });
    // It was tried again under the policy of the process.
    const { stdout: events } = await app.run('events', '--no-follow');
    expect(events).toMatch(/a\.60 restarts in/);
    expect(events).toMatch(/a\.60 failed after 5 restarts/);
    expect(await app.run('restart', 'a')).toMatchObject({ status: 0 });
  });
});
