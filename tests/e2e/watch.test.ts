/** Watches of a real supervisor, with real saves. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { homeBase } from '../helpers/home-scratch.ts';

process.env['TMPDIR'] = homeBase();

const LIVE = 'exec sleep infinity';

function watching(processes: string, files: Readonly<Record<string, string>> = {}): Project {
  const app = project('web: true', {
    files: { 'src/a.ts': '1', 'procsup.yaml': `processes:\n${processes}`, ...files },
  });
  rmSync(join(app.root, 'Procfile'));
  return app;
}

const count = (app: Project, pattern: RegExp): number =>
  app.daemonLog().match(new RegExp(pattern, 'g'))?.length ?? 0;

/** The watch begins beside the processes: saves go on until one is seen. */
async function isWatched(app: Project, name = 'web.1', path = 'src/first.ts'): Promise<void> {
  let at = 0;
  const restarted = new RegExp(`restarting .*${name}`);
  await until(() => {
    if ((at += 1) % 40 === 1) app.write(path, String(at));
    return restarted.test(app.daemonLog());
  }, `${name} is watched`);
  await until(() => count(app, new RegExp(`${name} started`)) > 1, 'it runs again');
}

test('a save restarts a process, and the cause is told', async () => {
  const app = watching(`  web: { command: ${LIVE}, watch: src }\n`);
  await app.up();
  await isWatched(app);
  const before = await app.pidOf('web');
  app.write('src/a.ts', '2');
  await until(() => count(app, /restarting web\.1: src\/a\.ts changed/) === 1, 'it is restarted');
  await until(() => count(app, /web\.1 started/) === count(app, /restarting web/) + 1, 'it runs again');
  expect(await app.pidOf('web')).not.toBe(before);
  expect((await app.run('why', 'web')).stdout).toContain('restart requested, because src/a.ts changed');
  const { stdout } = await app.run('events', '--json', '--no-follow');
  const events = stdout
    .split('\n')
    .filter((line) => line.includes('src/a.ts'))
    .map((line) => JSON.parse(line) as object);
  expect(events).toMatchObject([
    { event: 'requested', verb: 'restart', cause: 'watch', origin: { files: ['src/a.ts'], count: 1 } },
  ]);
});

test('an atomic save by sed, a renamed directory and a returned one are one restart each', async () => {
  const app = watching(`  web: { command: ${LIVE}, watch: src }\n`, { 'src/x/b.ts': '1' });
  await app.up();
  await isWatched(app);
  execFileSync('sed', ['-i', 's/1/2/', join(app.root, 'src/a.ts')]);
  await until(() => count(app, /restarting web\.1: src\/a\.ts changed\n/) === 1, 'sed');
  renameSync(join(app.root, 'src/x'), join(app.root, 'src/y'));
  await until(() => count(app, /restarting web\.1: src\/x\/b\.ts changed \(and 1 more\)/) === 1, 'mv');
  await until(() => count(app, /web\.1 started/) === count(app, /restarting web/) + 1, 'it runs again');
  rmSync(join(app.root, 'src'), { recursive: true });
  mkdirSync(join(app.root, 'src'));
  app.write('src/a.ts', '3');
  await until(() => count(app, /restarting web\.1: src\/a\.ts changed \(and \d more\)/) === 1, 'the return');
});

test('a process that has ended by itself is started by a save, and does not end the run', async () => {
  const app = watching(`  web: { command: "test -e src/good && ${LIVE}", watch: src }\n`);
  const run = app.begin('start');
  await run.says('web.1 exited with status 1');
  await run.says('web.1 waits for a change of its files');
  let at = 0;
  await until(() => {
    if ((at += 1) % 40 === 1) app.write('src/good', String(at));
    return run.stdout.includes('restarting web.1: src/good changed');
  }, 'it is started');
  await until(() => (run.stdout.match(/web\.1 started/g)?.length ?? 0) > 1, 'it runs');
  run.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ signal: null });
});

test('a stopped process is not started by a save', async () => {
  const app = watching(`  web: { command: ${LIVE}, watch: src }\n  api: { command: ${LIVE}, watch: src }\n`);
  await app.up();
  await isWatched(app, 'api.1');
  await app.run('stop', 'web');
  app.write('src/a.ts', '2');
  await until(() => count(app, /restarting api\.1: src\/a\.ts changed/) === 1, 'api is restarted');
  expect(await app.ps('web')).toMatchObject([{ state: 'stopped' }]);
  await app.run('start', 'web');
  app.write('src/a.ts', '3');
  await until(() => count(app, /restarting .*web\.1.*: src\/a\.ts changed/) === 1, 'web is restarted');
  await until(() => count(app, /restarting .*api\.1.*: src\/a\.ts changed/) === 2, 'and so is api');
});

test('a signal is sent, a command is run, and one that fails is reported', async () => {
  const app = watching(
    [
      `  web: { command: "trap 'echo again' HUP; while :; do sleep 0.1; done", watch: { paths: src, action: HUP } }`,
      `  css: { command: ${LIVE}, watch: { paths: src, action: "echo made by $PROCSUP_PID; exit 3" } }`,
      '',
    ].join('\n'),
  );
  await app.up();
  const pid = await app.pidOf('css');
  let at = 0;
  await until(() => {
    if ((at += 1) % 40 === 1) app.write('src/a.ts', `again ${String(at)}`);
    return /SIGHUP sent to web\.1: src\/a\.ts changed/.test(app.daemonLog());
  }, 'the signal is sent');
  await until(() => /'echo made by .*' exited with status 3/.test(app.daemonLog()), 'the failure is told');
  await app.begin('logs', '-f', 'web').says('again');
  await app.begin('logs', '-f', 'css').says(`made by ${String(pid)}`);
  expect(await app.pidOf('css')).toBe(pid);
});

test('dependents follow as after any restart', async () => {
  const app = watching(
    [
      `  api: { command: ${LIVE}, watch: src, ready: { delay: 0s } }`,
      `  web: { command: ${LIVE}, depends_on: { api: { condition: started, restart: true } } }`,
      '',
    ].join('\n'),
  );
  await app.up();
  const web = await app.pidOf('web');
  await isWatched(app, 'api.1');
  await until(() => count(app, /web\.1 started/) > 1, 'web follows');
  expect(await app.pidOf('web')).not.toBe(web);
});

test('--watch watches the project, watch: false and --no-watch nothing', async () => {
  const app = watching(`  web: { command: ${LIVE} }\n  db: { command: ${LIVE}, watch: false }\n`);
  await app.up('--watch');
  await isWatched(app, 'web.1', 'anything');
  expect(app.daemonLog()).not.toMatch(/restarting .*db/);
  await app.run('down');
  const none = watching(`  web: { command: ${LIVE}, watch: src }\n`);
  expect(JSON.stringify(await none.json('check', '--json'))).toContain('"paths":["src"]');
  const pid = await none.up('--no-watch');
  none.write('src/a.ts', '2');
  expect(pid).toBeGreaterThan(0);
  expect(none.daemonLog()).not.toContain('restarting');
});

test('check warns of a path that does not exist', async () => {
  const app = watching(`  web: { command: ${LIVE}, watch: [src, lib] }\n`);
  const { status, stderr } = await app.run('check');
  expect(status).toBe(0);
  expect(stderr).toContain("'lib' is to be watched, but there is no such path");
  expect(stderr).not.toContain("'src'");
});

test('a reload that changes what is watched is followed', async () => {
  const app = watching(`  web: { command: ${LIVE}, watch: src }\n`, { 'lib/a.ts': '1' });
  await app.up();
  await isWatched(app);
  app.write('procsup.yaml', `processes:\n  web: { command: ${LIVE}, watch: lib }\n`);
  await app.run('reload');
  let at = 0;
  await until(() => {
    if ((at += 1) % 40 === 1) app.write('lib/a.ts', `again ${String(at)}`);
    return /restarting web\.1: lib\/a\.ts changed/.test(app.daemonLog());
  }, 'lib is watched');
});
