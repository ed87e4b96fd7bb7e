/** A foreground run is asked from another terminal, as a daemon is. */
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { isAlive } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';

test('ps, restart, stop and start: the run goes on; down ends it with success', async () => {
  const app = project(`web: ${PUPPET}\nworker: ${PUPPET}`);
  const run = app.begin('start', '--timestamps=none');
  const [web, worker] = [await app.puppet('web.1'), await app.puppet('worker.1')];
  // At once: whoever asks too early waits for the socket.
  expect(await app.ps()).toMatchObject([
    { name: 'web.1', state: 'running', pid: web.pid },
    { name: 'worker.1', state: 'running', pid: worker.pid },
  ]);
  expect(await app.json('ls', '--json')).toMatchObject([{ pid: run.pid, mode: 'foreground' }]);

  const restarted = app.begin('restart', 'web');
  const second = await app.puppet('web.1');
  expect(await restarted.ended).toMatchObject({
    status: 0,
    stdout: `web.1 restarted (${String(web.pid)} -> ${String(second.pid)})\n`,
  });
  expect(await app.run('stop', 'web', 'worker')).toMatchObject({ status: 0 });
  expect([second.pid, worker.pid].filter(isAlive)).toEqual([]);
  // Nothing runs any more, but that was asked for.
  expect((await app.ps()).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  expect(await app.run('start', 'worker')).toMatchObject({ status: 0 });
  const third = await app.puppet('worker.1');
  await third.print('here again\n');
  await run.says('worker.1 | here again\n');

  expect(await app.run('down')).toMatchObject({ status: 0 });
  expect(await run.ended).toMatchObject({ status: 0, stderr: '' });
  expect(isAlive(third.pid)).toBe(false);
  expect((await app.run('ps')).status).toBe(3);
});

test('it ends when its last process ends by itself, whoever is watching', async () => {
  const app = project(`web: ${PUPPET}\ntask: ${PUPPET}`);
  const run = app.begin('start', '--on-exit', 'keep');
  const [web, task] = [await app.puppet('web.1'), await app.puppet('task.1')];
  const events = app.begin('events');
  await events.says('task.1 started');
  web.exit(0);
  await events.says('web.1 exited with status 0');
  task.exit(6);
  expect((await run.ended).status).toBe(6);
  expect((await events.ended).status).toBe(0);
});

test('an output that cannot be written is among the events', async () => {
  const app = project('web: echo hi; exec sleep infinity');
  const run = app.beginProgram('/bin/sh', '-c', 'exec "$0" start -t 200ms >/dev/full', PROCSUP);
  await run.complains('cannot write output: ENOSPC; retrying');
  expect((await app.run('events', '--no-follow')).stdout).toContain('cannot write output: ENOSPC');
  run.kill('SIGTERM');
  expect((await run.ended).status).toBe(125);
});

test('its children can be written to, unless their stdin is to be empty', async () => {
  const app = project('web: cat; echo over; exec sleep infinity');
  const run = app.begin('start', '--stdin', 'null');
  await run.says('| over\n');
  const refused = app.begin('attach', 'web');
  refused.type('hello\n');
  await refused.complains('the stdin of web.1 is closed');
  refused.kill('SIGTERM');
  await refused.ended;
  expect(await app.run('down')).toMatchObject({ status: 0 });
  expect((await run.ended).status).toBe(0);
});
