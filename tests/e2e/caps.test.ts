/** Processes and clients that use a cap together. */
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PUPPET } from '../helpers/puppets.ts';

test('what has no room waits, is told, and starts when there is room', async () => {
  const app = project(`a: ${PUPPET}\nb: ${PUPPET}`, {
    files: { 'procsup.yaml': 'caps: {db: 1}\ndefaults: {uses: db}\n' },
    env: { PROCSUP_WAIT: 'ready' },
  });
  const started = await app.run('start', '-d');
  expect(started).toMatchObject({ status: 0 });
  expect(started.stdout).toContain('b.1 is waiting for cap db (used by a.1)');
  expect((await app.run('ps')).stdout).toContain('waiting (cap db)');
  expect((await app.run('why', 'b')).stdout).toContain('b.1 is waiting for cap db (used by a.1), for ');
  await app.run('stop', 'a');
  await app.puppet('b.1');
  expect((await app.ps()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    'a.1 stopped',
    'b.1 running',
  ]);
});

/** A client that asks for room in the cap and tells the first line of the answer. */
function claim(socketPath: string, name: string) {
  const asked = request({ socketPath, path: '/v1/claim', method: 'POST' });
  asked.on('error', () => undefined);
  asked.end(JSON.stringify({ name, uses: { db: 1 } }));
  return {
    answer: new Promise<string>((resolve) =>
      asked.once('response', (response) => response.once('data', (line: Buffer) => resolve(line.toString()))),
    ),
    leave: () => asked.destroy(),
  };
}

test('a client keeps its room until its connection ends, and leaves the queue when it goes', async () => {
  const app = project(`a: ${PUPPET}`, {
    files: { 'procsup.yaml': 'caps: {db: 1}\ndefaults: {uses: db, autostart: false}\n' },
  });
  await app.run('start', '-d', 'a');
  const [{ socket }] = JSON.parse((await app.run('ls', '--json')).stdout) as [{ socket: string }];
  const first = claim(socket, 'pool 1');
  const second = claim(socket, 'pool 2');
  await app.run('stop', 'a');
  expect(JSON.parse(await first.answer)).toEqual({ granted: true });
  first.leave();
  expect(JSON.parse(await second.answer)).toEqual({ granted: true });
  second.leave();
  expect(await app.run('start', 'a')).toMatchObject({ status: 0 });
});
