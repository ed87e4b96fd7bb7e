/** A FIFO, which blocks whoever opens or reads it, in the place of a file that procsup reads or writes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const PROCFILE = 'web: echo hi; exec sleep infinity';

test.each(['.env', 'Procfile', 'procsup.yaml'])(
  'a FIFO as %s: reload is refused, and the supervisor answers on',
  async (name) => {
    const app = project(PROCFILE);
    await app.up();
    rmSync(join(app.root, name), { force: true });
    execFileSync('mkfifo', [join(app.root, name)]);
    const reload = await app.run('reload');
    expect(reload.status).toBe(2);
    expect(reload.stderr).toMatch(`'${name}': not a regular file`);
    expect((await app.ps()).map(({ state }) => state)).toEqual(['running']);
  },
);

test('a FIFO as a log file: the project starts, and tells that the log cannot be written', async () => {
  const app = project(PROCFILE);
  mkdirSync(app.places.logDirectory, { recursive: true, mode: 0o700 });
  execFileSync('mkfifo', ['web.1.log', 'web.1.idx', 'system.idx'], { cwd: app.places.logDirectory });
  await app.up();
  const events = app.begin('events');
  await events.says('cannot write to the log files: one of them is not a regular file');
  events.kill('SIGTERM');
  await events.ended;
  expect((await app.run('logs', '--no-prefix', 'web')).stdout).toBe('hi\n');
  expect((await app.run('logs', '--no-prefix', '--since', '1h', 'web')).stdout).toBe('hi\n');
});

test('start -d reads a Procfile that is a pipe before it goes to the background', async () => {
  const app = project('');
  rmSync(join(app.root, 'Procfile'));
  const start = app.beginProgram(
    '/bin/bash',
    '-c',
    `exec "$0" start -d -f <(sleep 0.1; echo '${PROCFILE}')`,
    PROCSUP,
  );
  expect(await start.ended).toMatchObject({ status: 0 });
  expect((await app.ps()).map(({ name }) => name)).toEqual(['web.1']);
  expect(await app.run('reload')).toMatchObject({ status: 0 });
});
