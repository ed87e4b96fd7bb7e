/** Processes that clients of their sockets start, and that are stopped without any. docs/listen.md is the specification. */
import { createSocket } from 'node:dgram';
import { unlinkSync } from 'node:fs';
import type { RequestOptions } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { project, type Project, type Row } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { ask, portOf, SERVER, socketsOf } from '../helpers/listening.ts';
import { isAlive } from '../helpers/proc.ts';

/** Answers each request by an accept() loop, and ends at once when it is told to. */
const ABRUPT = `
import os, socket
listener = socket.socket(fileno=3)
while True:
    client, _ = listener.accept()
    client.recv(65536)
    client.sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')
    client.close()
`;

const UDP = `
import socket
listener = socket.socket(fileno=3)
while True: print('got', listener.recv(100).decode(), flush=True)
`;

const onDemand = (keys: string, files: Readonly<Record<string, string>> = {}): Project =>
  project('other: sleep 1000', {
    files: {
      ...{ 'server.cjs': SERVER, 'abrupt.py': ABRUPT, 'udp.py': UDP },
      'procsup.yaml': `processes:\n  web:\n    command: node server.cjs\n${keys}`,
      ...files,
    },
  });

const ON_DEMAND = '    listen: 127.0.0.1:0\n    autostart: on-demand\n';

type DemandRow = Row & { readonly onDemand?: boolean };
const rowOf = async (app: Project, name = 'web'): Promise<DemandRow | undefined> => (await app.ps(name))[0];
const isOnDemand = async (app: Project, name = 'web'): Promise<boolean> =>
  (await rowOf(app, name))?.onDemand === true;

/** Without a request: nobody was there for long enough. */
async function isStopped(app: Project): Promise<void> {
  expect((await app.run('wait', '--for', 'exited', 'web')).status).toBe(0);
  expect(await isOnDemand(app)).toBe(true);
}

/** The answer of one who comes again while nobody listens there yet. */
async function answered(where: RequestOptions): Promise<string> {
  for (;;) {
    try {
      return await ask(where);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const local = async (app: Project): Promise<RequestOptions & { readonly port: number }> => ({
  host: '127.0.0.1',
  port: await portOf(app),
});

/** A client that says nothing and stays. */
function silent(port: number): Socket {
  const client = connect(port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void client.destroy());
  return client;
}

test('it is started by its first client, who is answered', async () => {
  const app = onDemand(ON_DEMAND);
  await app.up();
  expect(await rowOf(app)).toMatchObject({ state: 'stopped', onDemand: true, pid: null });
  expect((await app.run('ps', 'web')).stdout).toMatch(/web\.1 +on demand/);
  expect(await ask(await local(app))).toMatch(/ 1 \d+ web /);
  const port = String(await portOf(app));
  expect((await app.run('why', 'web')).stdout).toContain(`started by a connection to 127.0.0.1:${port}`);
  expect((await rowOf(app))?.onDemand).toBeUndefined();
});

test('all clients that come while it starts are answered', async () => {
  const app = onDemand(ON_DEMAND);
  await app.up();
  const where = await local(app);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(where)));
  expect(new Set(answers.map((text) => text.split(' ')[0])).size).toBe(1);
});

test('all of its instances are started, by any of its sockets, and a path counts', async () => {
  const app = onDemand(
    "    listen: { http: '127.0.0.1:0', ctl: ./run/ctl.sock }\n    autostart: on-demand\n    instances: 2\n",
  );
  await app.up();
  const client = connect(join(app.root, 'run/ctl.sock'));
  onTestFinished(() => void client.destroy());
  expect((await app.run('wait', '--for', 'ready', 'web')).status).toBe(0);
  expect((await app.run('why', 'web.2')).stdout).toContain('started by a connection to ./run/ctl.sock');
});

test('a path that was removed is made again while it waits for its first client', async () => {
  const app = onDemand('    listen: ./web.sock\n    autostart: on-demand\n');
  await app.up();
  const socketPath = join(app.root, 'web.sock');
  unlinkSync(socketPath);
  await app.begin('logs', '-f').says('web.1 removed ./web.sock; bound it again');
  expect(await ask({ socketPath })).toMatch(/ 1 \d+ web /);
});

test('it is started by a datagram, which it reads, and stopped when none comes any more', async () => {
  const app = onDemand('', {
    'procsup.yaml': `processes:
  web:
    command: python3 udp.py
    listen: udp:127.0.0.1:0
    autostart: on-demand
    idle: 1s
`,
  });
  await app.up();
  const port = (await socketsOf(app))[0]?.port ?? 0;
  const logs = app.begin('logs', '-f');
  for (const word of ['first', 'second']) {
    const socket = createSocket('udp4');
    await new Promise((resolve) => socket.send(word, port, '127.0.0.1', resolve));
    socket.close();
    await logs.says(`got ${word}`);
    await isStopped(app);
  }
  expect(logs.stdout).toContain(`starting web.1: a datagram to UDP 127.0.0.1:${String(port)}`);
  expect(logs.stdout).toContain('stopping web.1: no datagram for 1s');
});

test('a run without a daemon goes on while it waits for clients', async () => {
  const app = onDemand(ON_DEMAND, {
    'procsup.yaml': `processes:
  web:
    command: node server.cjs
    listen: ./web.sock
    autostart: on-demand
  short:
    command: "true"
`,
  });
  const run = app.begin('start', '--on-exit', 'keep', '-x', 'other');
  await run.says('short.1 exited with status 0');
  expect(await ask({ socketPath: join(app.root, 'web.sock') })).toMatch(/ 1 \d+ web /);
  run.kill('SIGTERM');
  await run.ended;
});

test('stopped on request it is not started by clients, who wait for its start', async () => {
  const app = onDemand(ON_DEMAND);
  await app.up();
  const where = await local(app);
  await app.run('stop', 'web');
  expect(await isOnDemand(app)).toBe(false);
  const waiting = ask(where);
  // A restart of another process is a round through the whole supervisor: a client that started it would have done so by then.
  await app.run('restart', 'other');
  expect(await rowOf(app)).toMatchObject({ state: 'stopped', pid: null });
  await app.run('start', 'web');
  expect(await waiting).toMatch(/ 1 \d+ web /);
});

test('a program that takes nobody is started once for each rest, and not over and over', async () => {
  const app = onDemand('', {
    'procsup.yaml': `processes:
  web:
    command: exec false
    listen: 127.0.0.1:0
    autostart: on-demand
    restart: { policy: never, delay: 1s }
`,
  });
  await app.up();
  silent(await portOf(app));
  const events = app.begin('events', '--json', 'web');
  const starts = (): readonly number[] =>
    events.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { readonly event: string; readonly time: string })
      .filter(({ event }) => event === 'started')
      .map(({ time }) => Date.parse(time));
  await until(() => starts().length >= 3, 'it was started three times');
  const [first = 0, second = 0, third = 0] = starts();
  expect(second - first).toBeGreaterThanOrEqual(990);
  expect(third - second).toBeGreaterThanOrEqual(1990);
  expect(await rowOf(app)).toMatchObject({ state: 'exited', onDemand: true });
});

test('a killed supervisor leaves nothing that keeps the next from waiting for clients', async () => {
  const app = onDemand('    listen: ./web.sock\n    autostart: on-demand\n');
  const daemon = await app.up();
  process.kill(daemon, 'SIGKILL');
  await until(() => !isAlive(daemon), 'it is gone');
  await app.up();
  expect(await ask({ socketPath: join(app.root, 'web.sock') })).toMatch(/ 1 \d+ web /);
});

test('a port that is in use is told though nobody starts it, and taken as soon as it is free', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const app = onDemand(
    `    listen: 127.0.0.1:${String(port)}\n    autostart: on-demand\n    restart: { max_delay: 1s }\n`,
  );
  await app.up();
  await app.begin('logs', '-f').says(`cannot listen on 127.0.0.1:${String(port)}: the port is in use by `);
  expect(await rowOf(app)).toMatchObject({ state: 'failed' });
  await new Promise((resolve) => server.close(resolve));
  expect(await answered({ host: '127.0.0.1', port })).toMatch(/ 1 \d+ web /);
});

test('it is stopped when it has had no connection for its idle time, and started by the next', async () => {
  const app = onDemand('    listen: 127.0.0.1:0\n    idle: 1s\n');
  await app.up();
  const where = await local(app);
  const [first] = (await ask(where)).split(' ');
  await isStopped(app);
  expect((await app.run('why', 'web')).stdout).toContain('stopped: no connection for 1s');
  const [second] = (await ask(where)).split(' ');
  expect(second).not.toBe(first);
});

test('a connection keeps it up, however quiet it is', async () => {
  const app = onDemand('    listen: 127.0.0.1:0\n    idle: 1s\n    instances: 2\n');
  await app.up();
  const client = silent(await portOf(app));
  await app.run('wait', '--for', 'ready', 'web');
  const readyMs = performance.now();
  await until(() => performance.now() > readyMs + 2500, 'it could have been stopped twice');
  expect(await rowOf(app)).toMatchObject({ state: 'running' });
  client.destroy();
  await isStopped(app);
});

test('no client is refused or reset by stops of an idle program that ends at once', async () => {
  const app = onDemand('', {
    'procsup.yaml': `processes:
  web:
    command: python3 abrupt.py
    listen: 127.0.0.1:0
    autostart: on-demand
    idle: 1s
`,
  });
  await app.up();
  const where = await local(app);
  let stops = 0;
  for (let round = 0; round < 12; round += 1) {
    expect(await ask(where)).toBe('ok');
    const endsMs = performance.now() + 1000 + 25 * round;
    // A client in each moment around the stop: none is of the last second before it, or the stop would be put off.
    await until(() => performance.now() >= endsMs, 'it is about to be stopped');
    const pid = (await rowOf(app))?.pid;
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(where)));
    expect(answers).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    if ((await rowOf(app))?.pid !== pid) stops += 1;
  }
  expect(stops).toBeGreaterThan(0);
});
