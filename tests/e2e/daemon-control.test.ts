/** What a supervisor can be asked from another terminal: every verb with its words, its JSON and its status. */
import { describe, expect, test } from 'vitest';
import { PROCSUP, type Ended } from '../helpers/procsup.ts';
import { gone, project, type Project, type Row } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { canFork, canTellPss, FORKING_SERVER, SHARED_BYTES } from '../helpers/forking.ts';
import { isAlive } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';

const LIVE = 'exec sleep infinity';
const MIB = 1024 * 1024;

interface Change {
  readonly name: string;
  readonly outcome: string;
  readonly before: number | null;
  readonly pid: number | null;
  readonly exit: object | null;
}

const briefly = ({ status, stdout, stderr }: Ended) => [status, stdout, stderr];
const pidsOf = async (app: Project) =>
  Object.fromEntries((await app.ps()).map(({ name, pid }) => [name, pid])) as Record<string, number | null>;

describe('ps', () => {
  test('has the fields of the contract, as a table too; status is another word for it', async () => {
    const app = project(`web: ${LIVE}\ntask: exit 0\nbad: kill -KILL $$`);
    await app.run('start', '-d', '-m', 'web=2', '--restart', 'never');
    const rows = await app.ps();
    expect(
      rows.map(({ name, process, instance, state, port }) => [name, process, instance, state, port]),
    ).toEqual([
      ['web.1', 'web', 1, 'running', 5000],
      ['web.2', 'web', 2, 'running', 5001],
      ['task.1', 'task', 1, 'exited', 5100],
      ['bad.1', 'bad', 1, 'exited', 5200],
    ]);
    const [web, , task, bad] = rows as readonly [Row, Row, Row, Row];
    // It listens on no port.
    expect(web).toMatchObject({ ready: false, restarts: 0, exit: null, command: LIVE });
    expect(isAlive(web.pid ?? 0)).toBe(true);
    expect([web.cpu, web.memory, web.uptime].map((value) => typeof value)).toEqual(Array(3).fill('number'));
    // Nearly all of a sleeper is shared with other programs.
    expect(web.memory).toBeGreaterThan(10_000);
    expect(web.memoryKind).toBe(canTellPss ? 'pss' : 'rss');
    const over = { ready: false, pid: null, cpu: null, memory: null, memoryKind: null, uptime: null };
    expect(task).toMatchObject({ ...over, exit: { code: 0 } });
    expect(bad).toMatchObject({ ...over, exit: { signal: 'SIGKILL' } });

    const table = await app.run('status', 'web', 'bad.1');
    expect(table).toMatchObject({ status: 0, stderr: '' });
    const lines = table.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^NAME +STATE +PID +CPU +MEMORY +UPTIME +RESTARTS +PORT +LISTENS +COMMAND$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['web.1', 'running', String(web.pid)],
      ['web.2', 'running', String(rows[1]?.pid)],
      ['bad.1', 'exited (SIGKILL)', '-'],
    ]);
  });

  test('counts a whole process tree', async () => {
    const app = project(`web: ${PUPPET}`);
    await app.up();
    const puppet = await app.puppet('web.1');
    const [alone] = await app.ps();
    await puppet.start(`exec ${process.execPath} -e "setInterval(() => {}, 1e6); console.log('here')"`);
    await until(() => app.daemonLog() !== '', 'there is a log');
    let together = alone;
    // What a Node shares with no other one.
    const enough = (alone?.memory ?? Infinity) + 4_000_000;
    for (let tries = 0; tries < 50 && (together?.memory ?? 0) < enough; tries += 1)
      [together] = await app.ps();
    expect(together?.memory).toBeGreaterThan(enough);
  });

  test.runIf(canFork)('counts once what forked workers share, also in `stats`', async () => {
    const app = project(`web: ${FORKING_SERVER}`);
    await app.up();
    while (!(await app.run('logs', '--no-prefix', 'web')).stdout.includes('up'));
    const [web] = await app.ps();
    expect(web).toMatchObject({ memoryKind: 'pss' });
    expect(web?.memory).toBeGreaterThan(SHARED_BYTES);
    expect(web?.memory).toBeLessThan(2 * SHARED_BYTES);
    for (const verb of ['ps', 'stats']) {
      const table = await app.run(verb);
      expect(table).toMatchObject({ status: 0, stderr: '' });
      const mebibytes = Number(/ (\d\d\.\d)M /.exec(table.stdout.replaceAll('\n', ' \n'))?.[1]);
      expect(mebibytes).toBeGreaterThan(SHARED_BYTES / MIB);
      expect(mebibytes).toBeLessThan((2 * SHARED_BYTES) / MIB);
    }
  });
});

test('an unknown name is a mistake (2), with a suggestion; without a supervisor every verb says so (3)', async () => {
  const app = project(`web: ${LIVE}`);
  const verbs = [
    ['ps'],
    ...['ps', 'stop', 'restart', 'kill', 'why', 'attach', 'send'].map((verb) => [verb, 'wbe']),
    ['wait', 'wbe'],
    ['scale', 'wbe=2'],
    ['start', 'wbe'],
    ...[['reload'], ['events'], ['stats']],
  ];
  const alone = await Promise.all(
    verbs.filter(([verb]) => verb !== 'start').map((words) => app.run(...words)),
  );
  for (const { status, stdout, stderr } of alone) {
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      `procsup: no supervisor is running for ${app.places.root}\n  help: start one with 'procsup start -d'\n`,
    );
  }
  await app.up();
  const named = verbs.filter((words) => words.length > 1);
  const together = await Promise.all(named.map((words) => app.run(...words)));
  for (const [at, { status, stdout, stderr }] of together.entries()) {
    expect([named[at], status, stdout]).toEqual([named[at], 2, '']);
    expect(stderr).toContain("'wbe'");
    expect(stderr).toContain("did you mean 'web'?");
  }
});

test('stop, start and restart, of a process and of one instance, with the old pid and the new', async () => {
  const app = project(`web: ${LIVE}\nworker: ${LIVE}`);
  await app.up('-m', 'web=2');
  const first = await pidsOf(app);

  const stopped = await app.run('stop', 'web.2');
  expect(briefly(stopped)).toEqual([0, `web.2 stopped (pid ${String(first['web.2'])})\n`, '']);
  expect(isAlive(first['web.2'] ?? 0)).toBe(false);
  expect(briefly(await app.run('stop', 'web.2'))).toEqual([0, 'web.2 is already stopped\n', '']);
  expect(await pidsOf(app)).toEqual({ ...first, 'web.2': null });

  const [started] = await app.json<readonly Change[]>('start', '--json', 'web.2');
  expect(started).toEqual({
    ...{ name: 'web.2', outcome: 'running', before: null, exit: null },
    pid: await app.pidOf('web.2'),
  });
  expect(briefly(await app.run('start', 'worker'))).toEqual([
    0,
    `worker.1 is already running (pid ${String(first['worker.1'])})\n`,
    '',
  ]);

  const before = await pidsOf(app);
  const restarted = await app.json<readonly Change[]>('restart', 'web', '--json');
  const after = await pidsOf(app);
  expect(restarted).toEqual(
    ['web.1', 'web.2'].map((name) => ({
      ...{ name, outcome: 'running', before: before[name], pid: after[name], exit: null },
    })),
  );
  expect(after['web.1']).not.toBe(before['web.1']);
  expect(after['worker.1']).toBe(first['worker.1']);
  expect([before['web.1'], before['web.2']].map((pid) => isAlive(pid ?? 0))).toEqual([false, false]);

  const all = await app.run('restart');
  expect(
    all.stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/\d+ -> \d+/, 'N')),
  ).toEqual(['web.1', 'web.2', 'worker.1'].map((name) => `${name} restarted (N)`));
  expect(await app.run('stop', '--no-wait')).toMatchObject({
    status: 0,
    stdout: 'stop requested: web.1, web.2, worker.1\n',
  });
});

test('scale: more, fewer, none, and again; the others are left alone', async () => {
  const app = project(`web: ${LIVE}\nworker: ${LIVE}`);
  await app.up();
  const first = await pidsOf(app);
  expect(await app.run('scale', 'web=3', 'worker=0')).toMatchObject({ status: 0, stderr: '' });
  const many = await pidsOf(app);
  expect(Object.keys(many)).toEqual(['web.1', 'web.2', 'web.3']);
  expect(many['web.1']).toBe(first['web.1']);
  expect(isAlive(first['worker.1'] ?? 0)).toBe(false);

  const fewer = await app.json<{ removed: string[]; added: string[] }>('scale', '--json', 'web=1');
  expect(fewer).toMatchObject({ added: [], removed: ['web.2', 'web.3'], changed: [] });
  expect(await app.run('stop', 'worker')).toMatchObject({ status: 2 });
  expect(await app.run('scale', 'worker=1')).toMatchObject({ status: 0 });
  expect((await app.ps()).map(({ name, state }) => [name, state])).toEqual([
    ['web.1', 'running'],
    ['worker.1', 'running'],
  ]);
  expect(await app.run('scale', 'w*=2', 'work*=1')).toMatchObject({ status: 0, stderr: '' });
  expect(Object.keys(await pidsOf(app))).toEqual(['web.1', 'web.2', 'worker.1']);
  expect((await app.run('scale', 'x*=2')).stderr).toBe(
    "procsup: no process matches 'x*'\n  help: known processes: web, worker\n",
  );
  for (const word of ['web', 'web=x', 'web=-1', '=3', 'web=99999']) {
    const refused = await app.run('scale', '--', word);
    expect([word, refused.status, refused.stdout]).toEqual([word, 2, '']);
  }
  expect((await app.run('scale', 'web=2000')).stderr).toBe(
    'procsup: cannot scale web to 2000: the limit is 1000 instances\n',
  );
  expect((await app.run('stop', 'x*')).stderr).toMatch(
    /^procsup: no process matches 'x\*'\n {2}help: known /,
  );
  expect(await app.run('stop', 'work*')).toMatchObject({ status: 0, stderr: '' });
});

test('kill sends a signal, by name or number; it refuses what is none', async () => {
  const app = project(`web: ${PUPPET}\nidle: ${LIVE}`);
  await app.up('web');
  const web = await app.puppet('web.1');
  await web.listen('SIGHUP', 'SIGUSR2', 'SIGINT');
  expect(briefly(await app.run('kill', '-s', 'HUP', 'web'))).toEqual([0, 'sent SIGHUP to web.1\n', '']);
  await web.hears('SIGHUP');
  expect((await app.run('kill', '--signal', 'sigusr2', 'web.1')).status).toBe(0);
  await web.hears('SIGUSR2');
  expect(await app.json('kill', '--json', '-s', '2', 'web')).toEqual({
    signalled: ['web.1'],
    notRunning: [],
  });
  await web.hears('SIGINT');

  const bad = await app.run('kill', '-s', 'HPU', 'web');
  expect(bad).toMatchObject({ status: 2, stdout: '' });
  expect(bad.stderr).toBe("procsup: unknown signal 'HPU'\n  help: did you mean SIGHUP?\n");
  expect((await app.run('kill', '-s', '99', 'web')).status).toBe(2);

  // SIGKILL is the default, and the restart policy of a daemon brings it back.
  expect((await app.run('kill', 'web')).stdout).toBe('sent SIGKILL to web.1\n');
  const second = await app.puppet('web.1');
  expect(second.pid).not.toBe(web.pid);
  expect(await app.ps('web')).toMatchObject([{ pid: second.pid, restarts: 1 }]);
});

test('reload: starts what is new, stops what is gone, restarts what has changed, leaves the rest alone', async () => {
  const app = project(`same: ${LIVE}\nother: ${LIVE}\ngone: ${LIVE}`, { files: { '.env': 'A=1\n' } });
  await app.up();
  const before = await pidsOf(app);
  expect(briefly(await app.run('reload'))).toEqual([0, 'no changes\n', '']);

  app.write('Procfile', `same: ${LIVE}\nother: exec sleep 1000000\nnew: ${LIVE}\n`);
  const told = await app.run('reload');
  const after = await pidsOf(app);
  expect(briefly(told)).toEqual([
    0,
    [
      `gone.1 stopped (pid ${String(before['gone.1'])}) and removed\n`,
      `other.1 restarted (${String(before['other.1'])} -> ${String(after['other.1'])})\n`,
      `new.1 started (pid ${String(after['new.1'])})\n`,
    ].join(''),
    '',
  ]);
  expect(Object.keys(after)).toEqual(['same.1', 'other.1', 'new.1']);
  expect(after['same.1']).toBe(before['same.1']);
  expect(isAlive(before['gone.1'] ?? 0)).toBe(false);

  app.write('Procfile', 'same: true\nsame: false\nnonsense\n');
  const broken = await app.run('reload');
  expect(broken).toMatchObject({ status: 2, stdout: '' });
  expect(broken.stderr).toContain('Procfile:2:1');
  expect(await pidsOf(app)).toEqual(after);
});

test('wait: until it is ready or has exited; 1 when that will never be, 124 when the time is over', async () => {
  const app = project(`site: ${PUPPET}\ntask: ${PUPPET}`);
  await app.up('--restart', 'never');
  const site = await app.puppet('site.1');
  expect(briefly(await app.run('wait', 'site'))).toEqual([
    0,
    `site.1 is ready (pid ${String(site.pid)})\n`,
    '',
  ]);
  const late = await app.run('wait', 'site', 'task', '--for', 'exited', '--timeout', '200ms');
  expect(briefly(late)).toEqual([124, '', 'procsup: timed out waiting for site, task to be exited\n']);

  const waiting = app.begin('wait', 'task', '--for', 'exited', '--json');
  (await app.puppet('task.1')).exit(3);
  const ended = await waiting.ended;
  expect(ended.status).toBe(0);
  expect(JSON.parse(ended.stdout)).toEqual([
    { name: 'task.1', outcome: 'reached', pid: null, exit: { code: 3 } },
  ]);
  expect(briefly(await app.run('wait', 'task', '--for', 'running'))).toEqual([
    1,
    'task.1 cannot become running: it exited with status 3\n',
    '',
  ]);
});

test('events as they come, as words and as JSON; why has those of one process', async () => {
  const app = project(`web: ${PUPPET}\nother: ${LIVE}`);
  await app.up('--restart-delay', '0');
  const web = await app.puppet('web.1');
  const stream = app.begin('events', '--json');
  await stream.says('other.1 started');
  web.exit(5);
  await stream.says('"restarts":1,');
  const second = await app.puppet('web.1');
  await stream.says(`"pid":${String(second.pid)}`);
  stream.kill('SIGINT');
  const { status, stdout, stderr } = await stream.ended;
  expect([status, stderr]).toEqual([0, '']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; name?: string; event: string; time: string });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  expect(events.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
  const ofWeb = events.filter(({ name }) => name === 'web.1');
  expect(ofWeb).toMatchObject([
    { event: 'started', pid: web.pid },
    { event: 'exited', exit: { code: 5 } },
    { event: 'restarting' },
    { event: 'started', pid: second.pid },
  ]);

  const words = await app.run('events', '--no-follow', 'web');
  expect(words.stdout).toMatch(/web\.1 exited with status 5\n/);
  expect(words.stdout).not.toContain('other.1 started');
  const why = await app.run('why', 'web');
  expect(why).toMatchObject({ status: 0, stderr: '' });
  expect(why.stdout).toMatch(
    /^web\.1 is running \(pid \d+\) for \d+\w*(?:, and is not ready yet \(.*\))?; restarted 1 time by its policy\n/,
  );
  expect(why.stdout).toContain('web.1 exited with status 5');
  const stop = app.begin('stop', 'web');
  await stop.ended;
  expect((await app.run('why', 'web')).stdout).toMatch(
    new RegExp(
      `^web\\.1 is stopped: stop requested by \`procsup stop web\` \\(pid ${String(stop.pid)}\\) \\d+s ago; it was terminated by SIGTERM`,
    ),
  );
  const [reply] = await app.json<readonly { process: Row; events: object[] }[]>('why', '--json', 'web');
  expect(reply?.process).toMatchObject({ name: 'web.1', state: 'stopped', exit: { signal: 'SIGTERM' } });
  expect(reply?.events).toContainEqual(expect.objectContaining({ event: 'requested', verb: 'stop' }));
});

test('ls has every project that runs, of all directories, and none that does not', async () => {
  const app = project(`web: ${LIVE}`);
  expect(briefly(await app.run('ls'))).toEqual([0, '', 'procsup: no project is running\n']);
  expect(await app.json('ls', '--json')).toEqual([]);
  const pid = await app.up();
  expect(await app.json('ls', '--json')).toEqual([
    expect.objectContaining({
      root: app.places.root,
      pid,
      socket: app.places.socket,
      mode: 'daemon',
      port: 5000,
    }),
  ]);
  const elsewhere = app.beginProgram('/bin/sh', '-c', 'cd / && exec "$0" ls', PROCSUP);
  expect((await elsewhere.ended).stdout).toMatch(
    new RegExp(`${String(pid)} +daemon +[\\d: -]+ +5000 +${app.places.root}\n`),
  );
});

describe('-t', () => {
  test('is the time that stop and restart give; who is killed is named', async () => {
    const app = project(`deaf: ${PUPPET}`);
    await app.up('--timeout', '1h');
    const first = await app.puppet('deaf.1');
    await first.listen('SIGTERM');
    const restarted = await app.run('restart', '-t', '100ms', 'deaf');
    const second = await app.puppet('deaf.1');
    expect(briefly(restarted)).toEqual([
      0,
      `deaf.1 restarted (${String(first.pid)} -> ${String(second.pid)}); killed what did not stop in time\n`,
      '',
    ]);
    // It has been told first; whether it has heard of it by then is a matter of the machine.
    expect(app.daemonLog()).toContain('deaf.1 has not stopped; killing it');

    await second.listen('SIGTERM');
    const [stopped] = await app.json<readonly Change[]>('stop', '--json', '--timeout', '0', 'deaf');
    expect(stopped).toEqual({
      ...{ name: 'deaf.1', outcome: 'stopped', before: second.pid, pid: null, exit: { signal: 'SIGKILL' } },
    });
    expect(second.heard).toEqual([]);
  });

  test('is refused when it is no duration', async () => {
    const app = project(`web: ${LIVE}`);
    const { status, stderr } = await app.run('stop', '-t', 'soon');
    expect([status, stderr.split('\n')[0]]).toEqual([2, expect.stringContaining("invalid duration 'soon'")]);
  });
});

describe('down', () => {
  test('ends everything in reverse order, and the daemon; twice is no error', async () => {
    const app = project(`first: ${PUPPET}\nsecond: ${PUPPET}`);
    const daemon = await app.up();
    const [first, second] = [await app.puppet('first.1'), await app.puppet('second.1')];
    for (const one of [first, second]) await one.listen('SIGTERM');
    const down = app.begin('down');
    await second.hears('SIGTERM');
    await first.print('still here');
    expect(first.heard).toEqual([]);
    second.exit(0);
    await first.hears('SIGTERM');
    first.exit(0);
    expect(briefly(await down.ended)).toEqual([
      0,
      `stopped all processes and the supervisor (pid ${String(daemon)})\n`,
      '',
    ]);
    expect([daemon, first.pid, second.pid].filter(isAlive)).toEqual([]);
    expect(app.owner()).toBeUndefined();
    const again = await app.run('down');
    expect([again.status, again.stdout]).toEqual([0, '']);
    expect(await app.json('down', '--json')).toEqual({ pid: null, ended: true, status: 0, killed: [] });
  });

  // The polite one has as much time as it may need on a busy machine.
  const withDeaf = () =>
    project(`polite: ${LIVE}\ndeaf: ${PUPPET}`, {
      files: { 'procsup.yaml': 'processes:\n  deaf:\n    stop_grace_period: 300ms\n' },
    });

  test('kills what ignores SIGTERM when its time is over, and names it', async () => {
    const app = withDeaf();
    const daemon = await app.up('--timeout', '1h', '-m', 'deaf=2');
    const deaf = [await app.puppet('deaf.1'), await app.puppet('deaf.2')];
    for (const one of deaf) await one.listen('SIGTERM');
    const down = app.begin('down', '--json');
    expect(await down.ended).toMatchObject({ status: 137, stderr: '' });
    const killed = ['deaf.1', 'deaf.2'];
    expect(JSON.parse(down.stdout)).toEqual({ pid: daemon, ended: true, status: 137, killed });
    expect(deaf.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(app.daemonLog()).toContain('deaf.1 has not stopped; killing it');
  });

  test('says in words who was killed', async () => {
    const app = withDeaf();
    const daemon = await app.up('--timeout', '1h');
    const deaf = await app.puppet('deaf.1');
    await deaf.listen('SIGTERM');
    expect(briefly(await app.run('down'))).toEqual([
      137,
      `stopped all processes and the supervisor (pid ${String(daemon)}); killed what did not stop in time: deaf.1\n`,
      '',
    ]);
  });

  test('-t gives another time to stop, also to a down that is in progress', async () => {
    // The last one is stopped first, and has ended when the first one hears of it.
    const app = project(`deaf: ${PUPPET}\npolite: ${LIVE}`);
    const daemon = await app.up('--timeout', '1h');
    const deaf = await app.puppet('deaf.1');
    await deaf.listen('SIGTERM');
    const patient = app.begin('down');
    await deaf.hears('SIGTERM');
    const hasty = await app.run('down', '-t', '100ms');
    const told = `stopped all processes and the supervisor (pid ${String(daemon)}); killed what did not stop in time: deaf.1\n`;
    expect(briefly(hasty)).toEqual([137, told, '']);
    expect(briefly(await patient.ended)).toEqual([137, told, '']);
  });

  test('-t 0 kills at once, as was asked for: nothing was late', async () => {
    const app = project(`deaf: ${PUPPET}`);
    const daemon = await app.up('--timeout', '1h');
    const deaf = await app.puppet('deaf.1');
    await deaf.listen('SIGTERM');
    expect(briefly(await app.run('down', '-t', '0'))).toEqual([
      0,
      `stopped all processes and the supervisor (pid ${String(daemon)})\n`,
      '',
    ]);
    expect(deaf.heard).toEqual([]);
  });

  test('two at once are both answered', async () => {
    const app = project(`web: ${LIVE}`);
    const daemon = await app.up();
    const both = await Promise.all([app.run('down'), app.run('down')]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    await gone([daemon]);
  });
});

describe('SIGHUP to a daemon', () => {
  test('makes it read its files again, and says who asked', async () => {
    const app = project(`web: ${LIVE}`);
    const pid = await app.up();
    app.write('Procfile', `web: ${LIVE}\nother: ${LIVE}\n`);
    process.kill(pid, 'SIGHUP');
    await until(() => app.daemonLog().includes('other.1 started'), 'it has been reloaded');
    const events = app.begin('events');
    await events.says(/added other\.1 .*SIGHUP sent to the supervisor/);
    events.kill('SIGTERM');
    await events.ended;
  });

  test('with files that are wrong changes nothing, and says so in its log', async () => {
    const app = project(`web: ${LIVE}`);
    const pid = await app.up();
    const before = await pidsOf(app);
    app.write('Procfile', 'this is no Procfile\n');
    process.kill(pid, 'SIGHUP');
    await until(() => app.daemonLog().includes('cannot reload: '), 'it has been tried');
    expect(await pidsOf(app)).toEqual(before);
  });
});
