/** `logs` and `stats`: what the processes have said, from memory and from the files, byte for byte and in order. */
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET, type Puppet } from '../helpers/puppets.ts';

const hasKoffi = existsSync(resolve(import.meta.dirname, '../../node_modules/koffi'));

interface Line {
  readonly time: string;
  readonly name: string;
  readonly text: string;
  readonly base64?: string;
}

const linesOf = (stdout: string): readonly Line[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

test('recent output in the order in which it came, by name, number, time and pattern; after the end from the files', async () => {
  const app = project(`web: ${PUPPET}\nworker: ${PUPPET}`);
  await app.up();
  const [web, worker] = [await app.puppet('web.1'), await app.puppet('worker.1')];
  // They take turns; what one has said has been read before the other speaks.
  for (let round = 1; round <= 5; round += 1) {
    for (const [name, puppet] of [
      ['web', web],
      ['worker', worker],
    ] as const) {
      await puppet.print(`${name} says ${String(round)}\n`);
      const said = `${name} says ${String(round)}`;
      while (!(await app.run('logs', '-n', '1', '--no-prefix', name)).stdout.includes(said));
    }
  }
  const expected = [1, 2, 3, 4, 5].flatMap((round) => [
    `web says ${String(round)}`,
    `worker says ${String(round)}`,
  ]);
  const all = linesOf((await app.run('logs', '--json', 'web', 'worker')).stdout);
  expect(all.map(({ text }) => text)).toEqual(expected);
  expect(all.map(({ name }) => name)).toEqual(expected.map((text) => `${text.split(' ')[0] ?? ''}.1`));
  const times = all.map(({ time }) => Date.parse(time));
  expect([...times].sort((a, b) => a - b)).toEqual(times);

  const last = await app.run('logs', '-n', '3', '--timestamps', 'none', 'web', 'worker');
  expect(last.stdout).toBe('worker.1 | worker says 4\nweb.1    | web says 5\nworker.1 | worker says 5\n');
  const found = await app.run('logs', '--grep', 'says [24]$', '-n', '2', '--no-prefix', 'web');
  expect(found.stdout).toBe('web says 2\nweb says 4\n');
  expect((await app.run('logs', '--since', '1h', '--no-prefix', 'web')).stdout.split('\n')).toHaveLength(6);
  const third = all[4]?.time ?? '';
  expect(
    linesOf((await app.run('logs', '--json', 'web', '--since', third)).stdout).map(({ text }) => text),
  ).toEqual(expected.filter((text) => /^web says [345]/.test(text)));
  expect((await app.run('logs', '--grep', '(')).status).toBe(2);
  expect((await app.run('logs', 'system', '--no-prefix')).stdout).toContain('web.1 started (pid ');

  await app.run('down');
  const after = await app.run('logs', '--json', 'web', 'worker');
  expect(after).toMatchObject({ status: 0 });
  expect(linesOf(after.stdout)).toEqual(all);
  expect(after.stderr).toContain('showing the log files of the last one');
  expect(await app.run('logs', 'wbe')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("did you mean 'web'?") as string,
  });
  expect((await app.run('logs', '-n', '2', '--no-prefix', 'worker')).stdout).toBe(
    'worker says 4\nworker says 5\n',
  );
});

describe('-f', () => {
  test('goes on with what comes, also of the successor, and ends with the supervisor', async () => {
    const app = project(`web: ${PUPPET}`);
    await app.up('--restart-delay', '0');
    const web = await app.puppet('web.1');
    await web.print('before\n');
    const follow = app.begin('logs', '-f', '--timestamps', 'none', 'web');
    await follow.says(/^web\.1 +\| before\n/m);
    await web.print('while\n');
    await follow.says(/^web\.1 +\| while\n/m);
    web.exit(1);
    await (await app.puppet('web.1')).print('successor\n');
    await follow.says(/^web\.1 +\| successor\n/m);
    await app.run('down');
    const { status, stdout, stderr } = await follow.ended;
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.replace(/^system +\|.*\n/gm, '')).toMatch(
      /^web\.1 +\| before\nweb\.1 +\| while\nweb\.1 +\| successor\n$/,
    );
  });

  test('goes on with the instances that come later, and knows a process that has none', async () => {
    const app = project(`web: ${PUPPET}`);
    await app.up();
    await (await app.puppet('web.1')).print('first\n');
    await app.run('scale', 'web=0');
    expect(await app.run('logs', '--no-prefix', 'web')).toMatchObject({ status: 0, stdout: 'first\n' });
    const follow = app.begin('logs', '-f', 'web');
    await follow.says('first\n');
    await app.run('scale', 'web=2');
    await (await app.puppet('web.2')).print('second\n');
    await follow.says(/ web\.2 +\| second\n/);
  });

  test('ends on Ctrl-C, and quietly when its reader goes', async () => {
    const app = project(`web: ${PUPPET}`);
    await app.up();
    const web = await app.puppet('web.1');
    await web.print('one\ntwo\n');
    const follow = app.begin('logs', '-f', 'web');
    await follow.says('two');
    follow.kill('SIGINT');
    expect(await follow.ended).toMatchObject({ status: 0, stderr: '' });
    const headed = app.beginProgram('/bin/sh', '-c', '"$0" logs -f --no-prefix web | head -1', PROCSUP);
    await headed.says('one\n');
    await web.print('three\n');
    expect(await headed.ended).toMatchObject({ status: 0, stdout: 'one\n', stderr: '' });
  });

  test.for(['logs -f web', 'events'])(
    '%s ends when its reader goes and nothing more comes',
    async (command) => {
      const app = project(`web: ${PUPPET}`);
      await app.up();
      await (await app.puppet('web.1')).print('one\ntwo\n');
      const headed = app.beginProgram('/bin/sh', '-c', `"$0" ${command} | head -1`, PROCSUP);
      expect(await headed.ended).toMatchObject({ status: 0, stderr: '' });
      expect(headed.stdout).toMatch(/^.+\n$/);
    },
  );

  test('does not hold a process up whose reader has stopped, and says what it has missed', async () => {
    const app = project(`web: ${PUPPET}`);
    await app.up();
    const web = await app.puppet('web.1');
    const follow = app.begin('logs', '-f', '--no-prefix', 'web');
    await web.print('begin\n');
    await follow.says('begin\n');
    follow.kill('SIGSTOP');
    const piece = `${'x'.repeat(99)}\n`.repeat(10_000);
    for (let count = 0; count < 8; count += 1) await web.print(piece);
    await web.print('end\n');
    while (!(await app.run('logs', '-n', '1', '--no-prefix', 'web')).stdout.includes('end'));
    follow.kill('SIGCONT');
    await follow.says('\nend\n');
    await follow.complains(/dropped \d+ lines \(reader too slow\)/);
    const missed = [...follow.stderr.matchAll(/dropped (\d+) lines/g)].map(([, number]) => Number(number));
    const shown = follow.stdout.split('\n').length - 1;
    expect(shown + missed.reduce((sum, number) => sum + number, 0)).toBe(80_002);
    follow.kill('SIGTERM');
    expect((await follow.ended).status).toBe(0);
  });
});

test('bytes that are no UTF-8 come out as they went in, also from the files', async () => {
  const bytes = Buffer.from([0x66, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]);
  const app = project(`web: ${PUPPET}`);
  await app.up();
  await (await app.puppet('web.1')).printBytes(bytes);
  const asHex = async () => {
    const words = 'od -An -tx1 -v';
    const shell = app.beginProgram(
      '/bin/sh',
      '-c',
      `"$0" logs --no-prefix web 2>/dev/null | ${words}`,
      PROCSUP,
    );
    return (await shell.ended).stdout.replace(/\s/g, '');
  };
  let printed = '';
  while (printed === '') printed = await asHex();
  expect(printed).toBe(bytes.toString('hex'));
  const [line] = linesOf((await app.run('logs', '--json', 'web')).stdout);
  expect(Buffer.from(line?.base64 ?? '', 'base64')).toEqual(bytes.subarray(0, -1));
  await app.run('down');
  expect(await asHex()).toBe(bytes.toString('hex'));
});

test('stats: one table, or JSON again and again', async () => {
  const app = project(`web: ${PUPPET}\nidle: sleep infinity`);
  await app.up();
  const table = await app.run('stats');
  expect(table).toMatchObject({ status: 0, stderr: '' });
  expect(table.stdout.split('\n').map((line) => line.split(/ +/)[0])).toEqual([
    ...['NAME', 'web.1', 'idle.1', 'all', ''],
  ]);
  const stream = app.begin('stats', '--json', '--interval', '100ms', 'web');
  await until(() => stream.stdout.split('\n').length > 3, 'there are three lines');
  stream.kill('SIGINT');
  expect(await stream.ended).toMatchObject({ status: 0, stderr: '' });
  const samples = stream.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { time: string; processes: object[] });
  const pid = await app.pidOf('web');
  for (const { time, processes } of samples) {
    expect(processes).toEqual([
      {
        name: 'web.1',
        pid,
        state: 'running',
        cpu: expect.any(Number) as number,
        memory: expect.any(Number) as number,
        memoryKind: expect.stringMatching(/^[pr]ss$/) as string,
      },
    ]);
    expect(Number.isNaN(Date.parse(time))).toBe(false);
  }
});

test.runIf(existsSync('/proc/self/fd'))(
  'an instance that was scaled away: its files are closed, and `logs` reads them',
  async () => {
    const app = project(`web: echo "here is $PORT"; exec sleep 1000`);
    const pid = await app.up('-m', 'web=2');
    const said = async () => (await app.run('logs', '--no-prefix', 'web.2')).stdout;
    while (!(await said()).includes('here is 5001'));
    const openFiles = () => openFilesOf(pid).filter((path) => path.includes('/web.2.'));
    await until(() => openFiles().length === 2, 'open log files');
    await app.run('scale', 'web=1');
    expect(openFiles()).toEqual([]);
    expect(await said()).toBe('here is 5001\n');
  },
);

test.runIf(existsSync('/proc/self/fd'))(
  'when daemon.log is renamed or deleted, a new one begins with the next event',
  async () => {
    const app = project('web: exec sleep 1000');
    const pid = await app.up();
    const { daemonLog } = app.places;
    renameSync(daemonLog, `${daemonLog}.old`);
    await app.run('restart', 'web');
    expect(app.daemonLog()).toContain('web.1');
    expect(app.daemonLog()).not.toContain('supervisor');
    rmSync(daemonLog);
    await app.run('restart', 'web');
    expect(app.daemonLog()).toContain('web.1');
    expect(readFileSync(`${daemonLog}.old`, 'utf8')).not.toContain('restart');
    rmSync(`${daemonLog}.old`);
    if (!hasKoffi) return;
    const standard = () => [1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    await until(() => standard().every((path) => path === daemonLog), 'stdout and stderr in the new file');
  },
);

function openFilesOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
}

test('`why` gives the last lines before the end, and tells, as `events`, after `down` and after a kill', async () => {
  const app = project("web: sh -c 'echo DB config missing; exit 7'\nworker: sleep 1000");
  await app.up('--restart', 'never', '--on-exit', 'keep', '--no-wait');
  expect((await app.run('wait', 'web', '--for', 'exited')).status).toBe(0);
  const words = '  last output before its end:\n    DB config missing\n';
  const alive = await app.run('why', 'web');
  expect(alive.stdout).toMatch(/^web\.1 is not running: it exited with status 7, /);
  expect(alive.stdout).toContain(words);
  expect((await app.run('why', 'worker')).stdout).not.toContain('last output');

  expect((await app.run('down')).status).toBe(0);
  const after = await app.run('why', 'web');
  expect(after).toMatchObject({ status: 0 });
  expect(after.stdout).toMatch(/^web\.1 is not running: its supervisor has ended\n/);
  expect(after.stdout).toContain('web.1 exited with status 7\n');
  expect(after.stdout).toContain(words);
  expect(after.stderr).toContain('no supervisor is running');
  const events = await app.run('events', 'web');
  expect(events).toMatchObject({ status: 0 });
  expect(events.stdout).toContain('web.1 exited with status 7\n');
  expect(events.stdout).not.toContain('worker.1');
  expect((await app.run('why', 'nobody')).status).toBe(2);

  const pid = await app.up('--restart', 'never', '--on-exit', 'keep', '--no-wait');
  expect((await app.run('wait', 'web', '--for', 'exited')).status).toBe(0);
  process.kill(pid, 'SIGKILL');
  while ((await app.run('ps')).status !== 3);
  expect((await app.run('why', 'web')).stdout).toContain(words);
  expect((await app.run('events', '--json')).stdout).toContain('"text":"web.1 exited with status 7"');
  // The next one takes over what the killed one has left.
  await app.up('--no-wait');
});

test('a stop of what waits for its restart says so', async () => {
  const app = project('web: exit 3\nworker: sleep 1000');
  await app.up('--restart', 'always', '--restart-delay', '1h', '--on-exit', 'keep', '--no-wait');
  while ((await app.ps('web'))[0]?.state !== 'backoff');
  expect((await app.run('stop', 'web')).stdout).toBe('web.1 stopped; it was waiting for its restart\n');
  expect((await app.run('stop', 'web')).stdout).toBe('web.1 is already stopped\n');
});

describe('logs of one run and of all', () => {
  /** What `logs` shows, without times and pids. */
  const shown = async (app: ReturnType<typeof project>, ...words: readonly string[]) => {
    const { status, stdout } = await app.run('logs', '--timestamps', 'none', 'web', ...words);
    return { status, text: stdout.replace(/[\d-]+ [\d:]+, pid \d+/g, 'TIME') };
  };
  const MARK = '---- run of TIME ----\n';

  test('are those of this run, or of the last one; --all shows earlier ones, parted by a line', async () => {
    const app = project(`web: ${PUPPET}`);
    const say = async (puppet: Puppet, text: string) => {
      await puppet.print(`${text}\n`);
      while (!(await app.run('logs', '-n', '1', '--no-prefix', 'web')).stdout.includes(text));
    };
    await app.up();
    await say(await app.puppet('web.1'), 'one');
    await app.run('down');
    const second = await app.up();
    expect(await shown(app)).toEqual({ status: 0, text: '' });
    const web = await app.puppet('web.1');
    await say(web, 'two');
    await say(web, 'three');
    const all = `${MARK}web.1  | one\n${MARK}web.1  | two\nweb.1  | three\n`;
    const own = 'web.1  | two\nweb.1  | three\n';
    const check = async () => {
      expect(await shown(app)).toEqual({ status: 0, text: own });
      expect(await shown(app, '--since', '1h')).toEqual({ status: 0, text: own });
      expect(await shown(app, '--all', '--since', '1h')).toEqual({ status: 0, text: all });
      expect(await shown(app, '--all')).toEqual({ status: 0, text: all });
      expect((await shown(app, '--all', '-n', '2')).text).toBe(`${MARK}${own}`);
      expect((await shown(app, '--all', '--tail', '2', '--grep', 'e$')).text).toBe(
        `${MARK}web.1  | one\n${MARK}web.1  | three\n`,
      );
      const json = (await app.run('logs', '--all', '--json', '-n', '2', 'web')).stdout.split('\n');
      expect(JSON.parse(json[0] ?? '')).toMatchObject({ run: { pid: second } });
      const bare = await app.run('logs', '--all', '--no-prefix', 'web');
      expect(bare.stdout).toBe('one\ntwo\nthree\n');
      expect(bare.stderr).toContain(`, pid ${String(second)} ----\n`);
    };
    await check();
    await app.run('down');
    await check();
  });

  test('-f begins with the last 100 lines, unless another number or time is given', async () => {
    const app = project(`web: seq 250; exec sleep infinity`);
    await app.up();
    while (!(await app.run('logs', '-n', '1', '--no-prefix', 'web')).stdout.includes('250'));
    const first = async (...words: readonly string[]) => {
      const following = app.begin('logs', '-f', '--no-prefix', 'web', ...words);
      await following.says(/^250$/m);
      following.kill('SIGINT');
      return (await following.ended).stdout.split('\n')[0];
    };
    expect(await first()).toBe('151');
    expect(await first('-n', '3')).toBe('248');
    expect(await first('--since', '1h')).toBe('1');
    expect(await first('--grep', '0$')).toBe('10');
  });
});
