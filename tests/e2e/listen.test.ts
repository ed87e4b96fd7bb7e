/** Sockets that procsup keeps: real programs, real clients. docs/listen.md is the specification. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { RequestOptions } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { ask, portOf, SERVER, socketsOf } from '../helpers/listening.ts';
import { isAlive } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';

/** An accept() loop without any library, and without O_NONBLOCK. */
const ACCEPTING = `
import os, socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    client, _ = listener.accept()
    client.recv(65536)
    body = b'%d' % os.getpid()
    client.sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s' % (len(body), body))
    client.close()
`;

const listening = (listen: string, more = '', files: Readonly<Record<string, string>> = {}) =>
  project('other: sleep 1000', {
    files: {
      'server.cjs': SERVER,
      'accepting.py': ACCEPTING,
      'procsup.yaml': `processes:\n  web:\n    command: node server.cjs\n    listen: ${listen}\n${more}`,
      ...files,
    },
  });

/** One request each 10 ms, with a connection of its own, until the returned function is called. */
function load(
  where: RequestOptions,
): () => Promise<{ readonly asked: number; readonly failed: readonly string[] }> {
  const answers: Promise<string>[] = [];
  const failures: string[] = [];
  const timer = setInterval(() => {
    answers.push(ask(where).catch((error: unknown) => String(failures.push(String(error)))));
  }, 10);
  onTestFinished(() => clearInterval(timer));
  return async () => {
    clearInterval(timer);
    await Promise.all(answers);
    return { asked: answers.length, failed: failures };
  };
}

test('no request is refused or lost over 20 restarts of a server that ends in order', async () => {
  const app = listening('127.0.0.1:0');
  await app.up();
  const where = { host: '127.0.0.1', port: await portOf(app) };
  const end = load(where);
  for (let round = 0; round < 20; round += 1) expect((await app.run('restart', 'web')).status).toBe(0);
  const { asked, failed } = await end();
  expect(failed).toEqual([]);
  expect(asked).toBeGreaterThan(20);
});

test('clients wait while it is stopped, has crashed, and is started again', async () => {
  const app = listening('127.0.0.1:0', '    restart: no\n');
  await app.up();
  const where = { host: '127.0.0.1', port: await portOf(app) };
  await app.run('stop', 'web');
  const waiting = ask(where);
  await app.run('start', 'web');
  expect(await waiting).toMatch(/^\d+ 1 \d+ web \d+$/);
  const pid = await app.pidOf('web.1');
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid), 'it is gone');
  const after = ask(where);
  await app.run('start', 'web');
  const [answered, fds, named, names, port] = (await after).split(' ');
  expect(named).toBe(answered);
  expect([fds, names, port]).toEqual(['1', 'web', String(where.port)]);
});

test('a reload keeps the socket, also when the program changes, and closes what is not named any more', async () => {
  const app = listening('127.0.0.1:0');
  await app.up();
  const where = { host: '127.0.0.1', port: await portOf(app) };
  const end = load(where);
  const yaml = 'processes:\n  web:\n    command: node server.cjs\n    listen: 127.0.0.1:0\n';
  app.write('procsup.yaml', `${yaml}    environment: { NEW: 1 }\n`);
  expect((await app.run('reload')).status).toBe(0);
  expect((await end()).failed).toEqual([]);
  expect(await portOf(app)).toBe(where.port);
  app.write('procsup.yaml', 'processes:\n  web:\n    command: sleep 1000\n');
  expect((await app.run('reload')).status).toBe(0);
  await expect(ask(where)).rejects.toThrow('ECONNREFUSED');
});

test('all instances accept from one socket, and other processes have none', async () => {
  const app = listening('127.0.0.1:0', '    instances: 3\n');
  await app.up();
  const where = { host: '127.0.0.1', port: await portOf(app) };
  const inodes = (pid: number) =>
    readdirSync(`/proc/${String(pid)}/fd`).flatMap((fd) => {
      const target = readlinkSync(`/proc/${String(pid)}/fd/${fd}`);
      return target.startsWith('socket:') ? [target] : [];
    });
  const pids = (await app.ps()).map(({ name, pid }) => [name, pid ?? 0] as const);
  const held = new Map(pids.map(([name, pid]) => [name, inodes(pid)]));
  const [shared] = held.get('web.1') ?? [];
  expect(held.get('web.2')).toContain(shared);
  expect(held.get('web.3')).toContain(shared);
  expect(held.get('other.1')).toEqual([]);
  const seen = new Set<string>();
  await until(() => {
    void ask(where).then((text) => seen.add(text.split(' ')[0] ?? ''));
    return seen.size > 1;
  }, 'two of them have answered');
});

test('several sockets: by their names in the command, in order, with a Unix path and its mode', async () => {
  const app = listening("{ http: '127.0.0.1:0', ctl: { address: ./run/ctl.sock, mode: 0600 } }", '', {
    'procsup.yaml': `processes:
  web:
    command: node server.cjs {fd:ctl}
    listen: { http: '127.0.0.1:0', ctl: { address: ./run/ctl.sock, mode: 0600 } }
`,
  });
  await app.up();
  const socketPath = join(app.root, 'run/ctl.sock');
  expect(lstatSync(socketPath).mode & 0o777).toBe(0o600);
  expect(await ask({ socketPath })).toMatch(/^\d+ 2 \d+ http:ctl \d+$/);
  expect(await socketsOf(app)).toMatchObject([
    { name: 'http', descriptor: 3 },
    { name: 'ctl', address: './run/ctl.sock', port: null, descriptor: 4 },
  ]);
  await app.run('down');
  expect(existsSync(socketPath)).toBe(false);
});

test('a path that was removed is bound again, and the next client is answered', async () => {
  const app = listening('./web.sock');
  await app.up();
  const socketPath = join(app.root, 'web.sock');
  unlinkSync(socketPath);
  expect((await app.run('restart', 'web')).status).toBe(0);
  expect(await ask({ socketPath })).toMatch(/ 1 \d+ web /);
  expect((await app.run('logs', '-n', '50')).stdout).toContain('web.1 removed ./web.sock; bound it again');
});

test('a path that a killed supervisor has left is taken over; a file is left alone', async () => {
  const app = listening('./web.sock');
  const socketPath = join(app.root, 'web.sock');
  const daemon = await app.up();
  process.kill(daemon, 'SIGKILL');
  await until(() => !isAlive(daemon), 'it is gone');
  expect(existsSync(socketPath)).toBe(true);
  await app.up();
  expect(await ask({ socketPath })).toMatch(/ 1 \d+ web /);
  await app.run('down');
  writeFileSync(socketPath, 'a file');
  const { stderr, stdout } = await app.run('start', '-d');
  expect(stdout + stderr).toContain('cannot listen on ./web.sock: the path is a file that is no socket');
  expect(existsSync(socketPath)).toBe(true);
});

test('a port that is in use is an error that names its owner', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const app = listening(`127.0.0.1:${String(port)}`);
  const { stdout, stderr } = await app.run('start', '-d');
  expect(stdout + stderr).toContain(`cannot listen on 127.0.0.1:${String(port)}: the port is in use by `);
  expect(stdout + stderr).toContain(`(pid ${String(process.pid)}`);
});

/** Ordinary users may bind it; root without a capability is one as far as ports are concerned. */
const reservesPort80 = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) > 80;
const isRoot = process.getuid?.() === 0;
const mayDrop = spawnSync('setpriv', ['--bounding-set', '-net_bind_service', 'true']).status === 0;

test.skipIf(!reservesPort80 || (isRoot && !mayDrop))(
  'a privileged port is an error with its remedy',
  async () => {
    const app = listening('80');
    const words = [process.execPath, PROCSUP, 'start'];
    const [program = '', ...others] = isRoot
      ? ['setpriv', '--bounding-set', '-net_bind_service', ...words]
      : words;
    const run = app.beginProgram(program, ...others);
    await run.says(
      "web.1 cannot be started: cannot listen on port 80: permission denied: only root may use ports below 1024; use a higher one, or allow it with 'sysctl net.ipv4.ip_unprivileged_port_start=80'",
    );
    run.kill('SIGTERM');
    await run.ended;
  },
);

test('without koffi, check and start say so, and how to install it', async () => {
  const app = listening('127.0.0.1:0');
  const installed = join(PROCSUP, '../..');
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(installed, name), join(app.root, 'procsup', name), { recursive: true });
  for (const verb of ['check', 'start']) {
    const run = app.beginProgram(process.execPath, join(app.root, 'procsup/bin/procsup.js'), verb);
    expect((await run.ended).status).toBe(2);
    expect(run.stderr).toContain("'listen' needs the optional package koffi, which is not installed");
    expect(run.stderr).toContain("help: install it with 'npm install koffi'");
  }
});

test.each([
  ['udp:127.0.0.1:', 'UDP 127.0.0.1:'],
  ['127.0.0.1:', '127.0.0.1:'],
])('whoever has %s is named', async (address, words) => {
  const kind = address.startsWith('udp') ? 'SOCK_DGRAM' : 'SOCK_STREAM';
  const app = listening('0', '', {
    'has.py': `
import socket, time
own = socket.socket(socket.AF_INET, socket.${kind})
own.bind(('127.0.0.1', 0))
if own.type == socket.SOCK_STREAM: own.listen()
print(own.getsockname()[1], flush=True)
time.sleep(1000)
`,
  });
  const other = app.beginProgram('python3', 'has.py');
  await other.says(/^\d+\n/);
  const port = other.stdout.trim();
  app.write('procsup.yaml', `processes:\n  web:\n    command: sleep 1000\n    listen: ${address}${port}\n`);
  const { stdout, stderr } = await app.run('start', '-d');
  expect(stdout + stderr).toContain(
    `cannot listen on ${words}${port}: the port is in use by python3 (pid ${String(other.pid)})`,
  );
  other.kill('SIGKILL');
  await other.ended;
});

test('a plain accept() loop gets a blocking socket after a server that left it non-blocking', async () => {
  const app = listening('127.0.0.1:0');
  await app.up();
  const where = { host: '127.0.0.1', port: await portOf(app) };
  await ask(where);
  const yaml = (command: string) => `processes:\n  web:\n    command: ${command}\n    listen: 127.0.0.1:0\n`;
  app.write('procsup.yaml', yaml('python3 accepting.py {fd:web}'));
  expect((await app.run('reload')).status).toBe(0);
  const fdinfo = execFileSync('grep', [
    'flags',
    `/proc/${String(await app.pidOf('web.1'))}/fdinfo/3`,
  ]).toString();
  expect(Number.parseInt(fdinfo.split(/\s+/)[1] ?? '', 8) & 0o4000).toBe(0);
  expect(await ask(where)).toMatch(/^\d+$/);
});

test('a datagram that comes during a restart is not lost', async () => {
  const app = project('other: sleep 1000', {
    files: {
      'udp.py': `
import socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
while True: print('got', listener.recv(100).decode(), flush=True)
`,
      'procsup.yaml':
        'processes:\n  dns:\n    command: python3 udp.py {fd:dns}\n    listen: udp:127.0.0.1:0\n',
    },
  });
  await app.up();
  const port = (await socketsOf(app, 'dns'))[0]?.port ?? 0;
  await app.run('stop', 'dns');
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.send('hello', port, '127.0.0.1', resolve));
  socket.close();
  await app.run('start', 'dns');
  await app.begin('logs', '-f', 'dns').says('got hello');
});

test('a program that binds the address itself is told whose it is', async () => {
  const app = listening('127.0.0.1:0', '', {
    'procsup.yaml': `processes:
  web:
    command: node -e "require('net').createServer().listen(process.env.PORT, '127.0.0.1')"
    listen: 127.0.0.1:0
    restart: no
`,
  });
  await app.run('start', '-d');
  await app.begin('logs', '-f').says('procsup keeps 127.0.0.1:0 open for it as descriptor 3');
});

test('clients that nobody accepts are told, once', async () => {
  const app = listening('127.0.0.1:0', '', {
    'procsup.yaml': 'processes:\n  web:\n    command: sleep 1000\n    listen: 127.0.0.1:0\n',
  });
  await app.up();
  void ask({ host: '127.0.0.1', port: await portOf(app) }).catch(() => undefined);
  await app.begin('logs', '-f').says(/web\.1 has not accepted the clients that wait on .+ \(descriptor 3\)/);
});

test('other processes are told the port that the kernel has chosen', async () => {
  const app = listening('0', '  told:\n    command: sh -c "env; sleep 1000"\n');
  await app.up();
  await app.begin('logs', '-f', 'told').says(`PROCSUP_WEB_PORT=${String(await portOf(app))}`);
});
