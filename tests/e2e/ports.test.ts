/** Two checkouts of one project at the same time: with -p auto both work, and without it is said what is in the way. */
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';

/** Answers on its PORT, and ends with 1 if it is taken. */
const SERVER = `
const { createServer } = require('node:http');
const server = createServer((_, response) => response.end(process.env.PS + ' ' + process.cwd()));
server.on('error', () => process.exit(1)).listen(Number(process.env.PORT), '127.0.0.1');
`;
const PROCFILE = 'web: exec node server.js\napi: exec node server.js';

function checkouts(files: Readonly<Record<string, string>> = {}): readonly [Project, Project] {
  const first = project(PROCFILE, { files: { 'server.js': SERVER, ...files } });
  const { XDG_STATE_HOME = '', XDG_RUNTIME_DIR = '' } = first.env;
  const env = { XDG_STATE_HOME, XDG_RUNTIME_DIR };
  return [first, project(PROCFILE, { files: { 'server.js': SERVER, ...files }, env })];
}

async function answers(app: Project): Promise<readonly string[]> {
  const rows = await app.ps();
  return Promise.all(
    rows.map(async ({ port }) => {
      for (;;) {
        try {
          return await (await fetch(`http://127.0.0.1:${String(port)}/`)).text();
        } catch {
          await sleep(20); // It does not listen yet.
        }
      }
    }),
  );
}

const portsOf = async (app: Project): Promise<readonly number[]> => (await app.ps()).map(({ port }) => port);

test('port: auto gives two checkouts ports of their own, and the same ones at the next start', async () => {
  const [one, other] = checkouts({ 'procsup.yaml': 'port: auto\n' });
  await Promise.all([one.up(), other.up()]);
  for (const app of [one, other]) {
    expect(await answers(app)).toEqual(['web.1', 'api.1'].map((name) => `${name} ${app.places.root}`));
  }
  const [first, second] = [await portsOf(one), await portsOf(other)];
  expect(first[1]).toBe(Number(first[0]) + 100);
  expect(new Set([...first, ...second]).size).toBe(4);
  expect(await one.json('ls', '--json')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ root: one.places.root, port: first[0] }),
      expect.objectContaining({ root: other.places.root, port: second[0] }),
    ]),
  );
  const env = await one.run('run', 'sh', '-c', 'echo $PORT $PROCSUP_API_PORT');
  expect(env.stdout).toBe(`${first.join(' ')}\n`);

  one.write('Procfile', `${PROCFILE}\nmore: exec node server.js\n`);
  await one.run('reload');
  expect(await portsOf(one)).toEqual([...first, Number(first[0]) + 200]);
  await one.run('down');
  await one.up();
  expect((await portsOf(one)).slice(0, 2)).toEqual(first);
});

test('without it, a PORT that is in use is said at the start, with the process of the other checkout', async () => {
  const [one, other] = checkouts();
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  await one.up('-p', String(port), '-m', 'api=0');
  await answers(one);
  const started = await other.run('start', '-d', '--restart', 'never', '-m', 'api=0', '-p', String(port));
  const pid = String(await one.pidOf('web'));
  const said = `web.1: its PORT ${String(port)} is in use by web.1 of ../${one.root.split('/').at(-1) ?? ''} (node, pid ${pid}); 'procsup start -p auto' chooses free ports\n`;
  expect(started.stderr).toContain(`procsup: ${said}`);
  expect((await other.run('events', '--no-follow')).stdout).toContain(said);
});

test('a process that listens itself is not in its own way; a foreground run says it as well', async () => {
  const app = project(PROCFILE, { files: { 'server.js': SERVER } });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = app.begin('start', '-m', 'api=0', '-p', String(port));
  await client.says(`web.1: its PORT ${String(port)} is in use by another process (`);
  expect(client.stdout).toContain(`pid ${String(process.pid)})`);
  await client.ended;
});

test.each([
  ['port: auto in procsup.yaml', { 'procsup.yaml': 'port: auto\n' }, []],
  ['-p auto', {}, ['-p', 'auto']],
])(
  'pipe has the ports of the project by %s: those of start, and of no other checkout',
  async (_, files, option) => {
    const [one, other] = checkouts(files);
    const portsInPipe = async (app: Project): Promise<readonly number[]> => {
      const echo = 'echo $PORT $PROCSUP_WEB_PORT $PROCSUP_API_PORT | cat';
      const { status, stdout, stderr } = await app.run('pipe', ...option, echo);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return stdout.trim().split(' ').map(Number);
    };
    await one.up(...option);
    const [web = 0, api = 0] = await portsOf(one);
    expect(await portsInPipe(one)).toEqual([web, web, api]);
    const elsewhere = await portsInPipe(other);
    expect(elsewhere.filter((port) => [web, api].includes(port))).toEqual([]);
    expect(elsewhere).toEqual([elsewhere[0], elsewhere[0], Number(elsewhere[0]) + 100]);
    expect(elsewhere[0]).not.toBe(5000);
  },
);

test('a program that ends at once with a failure does not end before it is said', async () => {
  const app = project('web: exit 1');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { status, stdout } = await app.run('start', '-p', String(port));
  expect(status).toBe(1);
  expect(stdout).toContain(`web.1: its PORT ${String(port)} is in use by another process (`);
});

test('more processes than there are ports: told before the start, with the remedy', async () => {
  const lines = Array.from({ length: 610 }, (_, at) => `p${String(at)}: true`).join('\n');
  const app = project(lines);
  const told = await app.run('start');
  expect(told).toMatchObject({ status: 2, stdout: '' });
  expect(told.stderr).toContain(
    "PORT 65600 for 'p606.1' is too high (the limit is 65535): 5000, and 100 for each of the 606 processes before it\n",
  );
  expect(told.stderr).toContain('-p auto');
  expect(await app.run('check', '-p', 'auto')).toMatchObject({ status: 0 });
});

test('ps and ls show the ports that a tree really listens on, beside the one given', async () => {
  // Whatever PORT is: two ports of its own, one of them in a child.
  const server = `
    const { createServer } = require('node:net');
    const { fork } = require('node:child_process');
    const server = createServer().listen(0, '127.0.0.1', () => {
      if (process.send) return process.send(server.address().port);
      fork(__filename).on('message', (port) => console.log('ports', server.address().port, port));
    });
  `;
  const app = project('web: exec node own.js\nidle: exec sleep infinity', { files: { 'own.js': server } });
  await app.up();
  const logs = app.begin('logs', '-f', '--no-prefix', 'web');
  await logs.says(/ports \d+ \d+\n/);
  const said = /ports (\d+) (\d+)/.exec(logs.stdout) ?? [];
  const ports = said
    .slice(1)
    .map(Number)
    .sort((a, b) => a - b);
  expect(await app.ps()).toMatchObject([
    { name: 'web.1', port: 5000, listening: ports },
    { name: 'idle.1', port: 5100, listening: [] },
  ]);
  const table = (await app.run('ps')).stdout;
  expect(table).toMatch(/PORT +LISTENS +COMMAND\n/);
  expect(table).toMatch(new RegExp(`5000 +${ports.join(',')} +exec node own\\.js\n`));
  expect(await app.json('ls', '--json')).toMatchObject([{ port: 5000, ports }]);
  logs.kill('SIGTERM');
  await app.run('stop', 'web');
  expect((await app.ps('web'))[0]).toMatchObject({ port: 5000, listening: null });
});
