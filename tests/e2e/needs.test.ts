/** Who waits for whom, and until when, as procsup.yaml says it. */
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PUPPET } from '../helpers/puppets.ts';

const LIVE = 'exec sleep infinity';

/** `start -d` waits until all are ready. */
const needing = (yaml: string, procfile: string) =>
  project(procfile, { files: { 'procsup.yaml': yaml }, env: { PROCSUP_WAIT: 'ready' } });

const states = (rows: readonly { readonly name: string; readonly state: string }[]) =>
  rows.map(({ name, state }) => `${name} ${state}`);

const CHAIN = `processes:
  db: { ready: { log: 'ready to (serve|work)' } }
  web: { ready: { log: serving }, depends_on: { db: { condition: ready, restart: true } } }
`;

test('a process waits until what it needs is ready, and start -d until all are', async () => {
  const app = needing(CHAIN, `web: ${PUPPET}\ndb: ${PUPPET}`);
  const starting = app.begin('start', '-d');
  const db = await app.puppet('db.1');
  expect(states(await app.ps())).toEqual(['web.1 waiting', 'db.1 running']);
  expect((await app.run('ps')).stdout).toContain('waiting (db)');
  expect((await app.run('why', 'web')).stdout).toContain('web.1 is waiting for db (ready), for ');
  await db.print('not yet\n');
  expect((await app.run('why', 'db')).stdout).toMatch(
    /^db\.1 is running .* is not ready yet \(no line of its output /,
  );
  // On the other stream, and coloured.
  await db.complain('\u001b[32mready to\u001b[0m work\n');
  const web = await app.puppet('web.1');
  const known = app.begin('wait', 'web', '--for', 'ready');
  await web.print('serving\n');
  expect(await starting.ended).toMatchObject({ status: 0, stderr: '' });
  expect(await known.ended).toMatchObject({ status: 0 });
});

test('a need that is restarted takes with it those that say so, and is back before them', async () => {
  const app = needing(CHAIN, `web: ${PUPPET}\ndb: ${PUPPET}`);
  const starting = app.begin('start', '-d');
  const db = await app.puppet('db.1');
  await db.print('ready to serve\n');
  const web = await app.puppet('web.1');
  await web.print('serving\n');
  await starting.ended;
  const restarting = app.begin('restart', 'db');
  const again = await app.puppet('db.1');
  expect(states(await app.ps())).toEqual(['web.1 waiting', 'db.1 running']);
  await again.print('ready to serve\n');
  expect(await restarting.ended).toMatchObject({ status: 0 });
  expect((await app.puppet('web.1')).pid).not.toBe(web.pid);
});

test('a need that fails for good fails those that need it, with the chain and its last lines', async () => {
  const app = needing(
    'processes:\n  web: { depends_on: [api] }\n  api: { depends_on: [db] }\n',
    `web: ${LIVE}\napi: ${LIVE}\ndb: ${PUPPET}`,
  );
  const starting = app.begin('start', '-d', '--restart', 'never');
  const db = await app.puppet('db.1');
  await db.print('no space for the journal\n');
  db.exit(3);
  const { status, stderr } = await starting.ended;
  expect(status).toBe(3);
  expect(stderr).toContain(
    'db.1 failed to start: it exited with status 3\n  db.1 | no space for the journal\n',
  );
  expect(stderr).toContain("it needs 'api', which needs 'db', which failed");
});

test('what failed only with its need starts when that is restarted and gets ready', async () => {
  const yaml = `processes:
  db: { ready: { log: ready to serve } }
  api: { depends_on: [db] }
  web: { depends_on: [api] }
`;
  const app = needing(yaml, `web: ${LIVE}\napi: ${LIVE}\ndb: ${PUPPET}`);
  const starting = app.begin('start', '-d', '--restart', 'never');
  (await app.puppet('db.1')).exit(3);
  await starting.ended;
  expect(states(await app.ps())).toEqual(['web.1 failed', 'api.1 failed', 'db.1 exited']);
  const restarting = app.begin('restart', 'db');
  const db = await app.puppet('db.1');
  expect(states(await app.ps())).toEqual(['web.1 waiting', 'api.1 waiting', 'db.1 running']);
  await db.print('ready to serve\n');
  expect(await restarting.ended).toMatchObject({ status: 0 });
  expect(await app.run('wait', 'web', '--for', 'running')).toMatchObject({ status: 0 });
});

test('what is not ready in time is stopped, and told with what was missing', async () => {
  const app = needing(
    'processes: { web: { ready: { log: never, within: 1s } } }',
    `web: echo words; exec ${PUPPET}`,
  );
  const { status, stderr } = await app.run('start', '-d', '--restart', 'never');
  expect(status).toBe(1);
  expect(stderr).toContain('web.1 failed to start: it was stopped: not ready within 1s: ');
  expect(stderr).toContain('web.1 | words\n');
});

test('a server that ends soon after its start is told with its last lines', async () => {
  const app = needing('processes: {}', `bad: echo words; sleep 0.4; exit 7\nother: ${LIVE}`);
  const { status, stdout, stderr } = await app.run('start', '-d', '--restart', 'never');
  expect(status).toBe(7);
  expect(stderr).toBe('procsup: bad.1 failed to start: it exited with status 7\n  bad.1 | words\n');
  expect(stdout).toContain('other.1 started');
});

test('of several attempts the lines of the last one are told, and how many there were', async () => {
  const app = needing(
    'processes: { bad: { ready: { log: never }, restart: { policy: on-failure, delay: 0s, attempts: 2 } } }',
    'bad: echo >> tries; echo "attempt $(wc -l < tries | tr -d " ")"; exit 7',
  );
  const { status, stderr } = await app.run('start', '-d');
  expect(status).toBe(7);
  expect(stderr).toBe(
    'procsup: bad.1 failed to start after 3 attempts: it exited with status 7\n  bad.1 | attempt 3\n',
  );
});

test('--wait-timeout leaves what is not ready running, and names it', async () => {
  const app = needing('processes: { app: { ready: { log: never } } }', `app: ${PUPPET}`);
  const { status, stderr } = await app.run('start', '-d', '--wait-timeout', '1s');
  expect(status).toBe(124);
  expect(stderr).toContain('procsup: app.1 is not ready: ');
  expect(states(await app.ps())).toEqual(['app.1 running']);
});

test('a start brings what it needs with it; --now does not wait for it; a stop stops one alone', async () => {
  const app = needing(
    'processes:\n  db: { autostart: false, ready: { log: ok } }\n  web: { autostart: false, depends_on: [db] }\n',
    `web: ${PUPPET}\ndb: ${PUPPET}\nother: ${LIVE}`,
  );
  await app.run('start', '-d');
  expect(states(await app.ps())).toEqual(['web.1 stopped', 'db.1 stopped', 'other.1 running']);
  const starting = app.begin('start', 'web');
  await (await app.puppet('db.1')).print('ok\n');
  await app.puppet('web.1');
  expect((await starting.ended).stdout).toContain('web.1 started');
  expect(await app.run('stop', 'db')).toMatchObject({ status: 0 });
  expect(states(await app.ps())).toEqual(['web.1 running', 'db.1 stopped', 'other.1 running']);
  await app.run('stop', 'web');
  expect((await app.run('start', 'web', '--now')).stdout).toContain('web.1 started');
  expect(states(await app.ps('db'))).toEqual(['db.1 stopped']);
});

test('restart brings what is needed with it, and with --no-deps neither starts it nor waits for it', async () => {
  const app = needing(
    'processes:\n  db: { ready: { log: ok } }\n  web: { depends_on: [db] }\n',
    `web: ${PUPPET}\ndb: ${PUPPET}`,
  );
  const starting = app.begin('start', '-d');
  await (await app.puppet('db.1')).print('ok\n');
  const first = await app.puppet('web.1');
  await starting.ended;
  await app.run('stop', 'web', 'db');
  expect(await app.run('restart', 'web', '--no-deps')).toMatchObject({ status: 0 });
  const second = await app.puppet('web.1');
  expect(second.pid).not.toBe(first.pid);
  expect(states(await app.ps())).toEqual(['web.1 running', 'db.1 stopped']);
  await app.run('stop', 'web');
  const restarting = app.begin('restart', 'web');
  const db = await app.puppet('db.1');
  expect(states(await app.ps())).toEqual(['web.1 waiting', 'db.1 running']);
  await db.print('ok\n');
  expect(await restarting.ended).toMatchObject({ status: 0 });
  expect((await app.puppet('web.1')).pid).not.toBe(second.pid);
});

test('a task runs once, counts as ready when it has succeeded, and does not end the run', async () => {
  const app = needing(
    'processes:\n  migrate: { kind: task }\n  site: { depends_on: [migrate] }\n',
    `site: ${PUPPET}\nmigrate: ${PUPPET}`,
  );
  const starting = app.begin('start', '-d', '--on-exit', 'stop');
  const migrate = await app.puppet('migrate.1');
  expect(states(await app.ps())).toEqual(['site.1 waiting', 'migrate.1 running']);
  migrate.exit(0);
  await app.puppet('site.1');
  expect((await starting.ended).status).toBe(0);
  const [site, task] = await app.ps();
  expect([site?.state, task?.state, task?.ready]).toEqual(['running', 'exited', true]);
});

test('a server without a word about it is waited for, but not for ever', async () => {
  const app = needing('processes: {}', `web: ${PUPPET}`);
  const starting = app.begin('start', '-d');
  await app.puppet('web.1');
  expect(await starting.ended).toMatchObject({
    status: 0,
    stderr: 'procsup: web.1 is running, and listens on no port yet\n',
  });
});
