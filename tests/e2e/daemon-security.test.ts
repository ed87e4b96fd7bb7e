/** Who may ask, what can be asked for, and what nobody is told. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { descendantsOf, listensOnTcp, withEnvironment } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';

const LIVE = 'exec sleep infinity';
const SECRET = 'hunter2-is-a-secret';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('the socket and what is known of a project are for nobody else', async () => {
  const app = project(`web: ${LIVE}`);
  const daemon = await app.up();
  const { runtimeDirectory, socket, stateDirectory, logDirectory } = app.places;
  expect([runtimeDirectory, stateDirectory, logDirectory].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
  expect(statSync(socket).isSocket()).toBe(true);
  const files = readdirSync(stateDirectory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(stateDirectory, name))
    .filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((path) => modeOf(path) !== 0o600)).toEqual([]);
  for (const pid of [daemon, ...descendantsOf(daemon)]) expect(listensOnTcp(pid)).toBe(false);
});

/** What somebody else might have put where the socket's directory should be. */
const TRAPS: readonly (readonly [string, (path: string, elsewhere: string) => void, string])[] = [
  ['a symbolic link', (path, elsewhere) => symlinkSync(elsewhere, path), 'is a symbolic link'],
  ['a file', (path) => writeFileSync(path, ''), 'is not a directory'],
];

test.each(TRAPS)('%s in the place of its directory: refused, and said', async (_, set, words) => {
  const app = project(`web: ${PUPPET}`);
  const { runtimeDirectory } = app.places;
  const elsewhere = join(app.root, 'elsewhere');
  mkdirSync(elsewhere, { mode: 0o700 });
  set(runtimeDirectory, elsewhere);

  const run = app.begin('start');
  await run.says(words);
  await run.says('not reachable from other terminals');
  await app.puppet('web.1');
  const asked = await app.run('ps');
  expect([asked.status, asked.stdout]).toEqual([3, '']);
  expect(asked.stderr).toContain(words);
  run.kill('SIGTERM');
  expect((await run.ended).status).toBe(0);

  const detached = await app.run('start', '-d');
  expect([detached.status, detached.stdout]).toEqual([125, '']);
  expect(detached.stderr).toContain(words);
  expect(readdirSync(elsewhere)).toEqual([]);
  unlinkSync(runtimeDirectory);
  expect(withEnvironment(app.mark).filter(({ command }) => command.includes('puppet'))).toEqual([]);
});

test('a directory that is open to others is closed by the server, and refused by the client', async () => {
  const app = project(`web: ${LIVE}`);
  const { runtimeDirectory } = app.places;
  mkdirSync(runtimeDirectory);
  chmodSync(runtimeDirectory, 0o777);
  await app.up();
  expect(modeOf(runtimeDirectory)).toBe(0o700);
  chmodSync(runtimeDirectory, 0o777);
  const asked = await app.run('ps');
  expect([asked.status, asked.stdout]).toEqual([3, '']);
  expect(asked.stderr).toContain(`chmod 700 '${runtimeDirectory}'`);

  // Nor is it asked through a link that was put there meanwhile.
  chmodSync(runtimeDirectory, 0o700);
  renameSync(runtimeDirectory, `${runtimeDirectory}.away`);
  symlinkSync(`${runtimeDirectory}.away`, runtimeDirectory);
  expect((await app.run('ps')).stderr).toContain('is a symbolic link');
  renameSync(`${runtimeDirectory}.away`, `${runtimeDirectory}.aside`);
  unlinkSync(runtimeDirectory);
  renameSync(`${runtimeDirectory}.aside`, runtimeDirectory);
  expect(await app.run('ps')).toMatchObject({ status: 0 });
});

interface Replied {
  readonly status: number;
  readonly body: string;
}

/** By a client that is not ours. */
async function curl(app: Project, verb: string, path: string, body?: unknown): Promise<Replied> {
  const words = [
    '-sS',
    '--max-time',
    '20',
    '--unix-socket',
    app.places.socket,
    '-X',
    verb,
    '-w',
    '\n%{http_code}',
  ];
  const data = body === undefined ? [] : ['-H', 'content-type: application/json', '-d', JSON.stringify(body)];
  const ended = await app.beginProgram('curl', '--path-as-is', ...words, ...data, `http://procsup${path}`)
    .ended;
  expect(ended, path).toMatchObject({ status: 0, stderr: '' });
  const [, text = '', status] = /^([^]*)\n(\d+)$/.exec(ended.stdout) ?? [];
  return { status: Number(status), body: text };
}

test('names that are none are refused, by our own client and by another', async () => {
  const app = project(`web: ${LIVE}`);
  await app.up();
  const names = ['../x', 'web\n', 'web.1/../..', 'w'.repeat(64), '$(id)', 'web.1.1', 'a b'];
  for (const name of names) {
    const own = await app.run('why', '--', name);
    expect([name, own.status, own.stdout]).toEqual([name, 2, '']);
    for (const [verb, path, body] of [
      ['POST', '/v1/stop', { names: [name] }],
      ['POST', '/v1/kill', { names: [name], signal: 'SIGKILL' }],
      ['GET', `/v1/logs?names=${encodeURIComponent(name)}`, undefined],
    ] as const) {
      const { status } = await curl(app, verb, path, body);
      expect([path, name, status >= 400 && status < 500]).toEqual([path, name, true]);
    }
  }
  // No name means all; an empty one, of a variable that is not set, must not.
  for (const words of [
    ['stop', ''],
    ['kill', ''],
    ['ps', ''],
    ['restart', 'web', ''],
  ]) {
    expect(await app.run(...words)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'procsup: empty process name\n',
    });
  }
  expect((await curl(app, 'POST', '/v1/stop', { names: [''] })).status).toBe(400);
  expect(await app.ps()).toMatchObject([{ name: 'web.1', state: 'running', restarts: 0 }]);
});

test('curl works, and can start nothing but what the files name', async () => {
  const app = project(`web: ${LIVE}`);
  await app.up();
  const before = await app.pidOf('web');
  expect(JSON.parse((await curl(app, 'GET', '/v1/processes')).body)).toMatchObject({
    processes: [{ name: 'web.1', pid: before }],
  });
  const command = `touch ${join(app.root, 'owned')}`;
  for (const [path, body] of [
    ['/v1/start', { names: ['web'], command }],
    ['/v1/start', { names: [command] }],
    ['/v1/start', { names: ['evil'], processes: { evil: command } }],
    ['/v1/restart', { names: ['web'], command, env: { PATH: app.root } }],
    ['/v1/reload', { procfile: `evil: ${command}`, root: '/' }],
    ['/v1/scale', { counts: { evil: 1 } }],
    ['/v1/run', { command }],
    ['/v1/../../etc/passwd', {}],
  ] as const) {
    const { status } = await curl(app, 'POST', path, body);
    expect([path, body, status >= 400]).toEqual([path, body, true]);
  }
  expect(await app.ps()).toMatchObject([{ name: 'web.1', pid: before, command: LIVE }]);
  expect(existsSync(join(app.root, 'owned'))).toBe(false);
  const described = JSON.parse((await curl(app, 'GET', '/v1/openapi.json')).body) as { paths: object };
  expect(Object.keys(described.paths)).toContain('/v1/processes');
});

test('values of the environment are nowhere to be read', async () => {
  const app = project(`web: ${PUPPET}\nbad: exit 3`, { files: { '.env': `PASSWORD=${SECRET}\n` } });
  await app.run('start', '-d', '--restart-delay', '10ms');
  const web = await app.puppet('web.1');
  expect((await web.environment())['PASSWORD']).toBe(SECRET);
  app.write('.env', `PASSWORD="${SECRET}\nnext line ${SECRET}\nweb: ${SECRET}\n`);
  const said = [
    await app.run('reload'),
    await app.run('ps', '--json'),
    await app.run('events', '--json', '--no-follow'),
    await app.run('why', 'web', '--json'),
    await app.run('why', 'bad'),
    await app.run('ls', '--json'),
    await app.run('logs', 'system', '--json'),
    await app.run('kill', 'wbe'),
  ];
  for (const path of ['/v1/supervisor', '/v1/processes?details=true', '/v1/openapi.json', '/v1/reload']) {
    said.push({
      ...(await app.run('ps')),
      stdout: (await curl(app, path.endsWith('d') ? 'POST' : 'GET', path)).body,
    });
  }
  expect(said.filter(({ stdout, stderr }) => `${stdout}${stderr}`.includes(SECRET))).toEqual([]);
  await until(() => app.daemonLog().includes('bad.1'), 'there is something in its log');
  const files = readdirSync(app.places.stateDirectory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(app.places.stateDirectory, name))
    .filter((path) => statSync(path).isFile());
  expect(files.filter((path) => readFileSync(path, 'latin1').includes(SECRET))).toEqual([]);
  // Nor in the command line of the daemon, which everybody may read.
  const daemon = withEnvironment(app.mark).find(({ command }) => command.includes('--daemon'));
  expect(daemon?.command).not.toContain(SECRET);
});
