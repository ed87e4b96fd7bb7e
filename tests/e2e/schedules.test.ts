/** Schedules of a real supervisor. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, gone, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { PUPPET } from '../helpers/puppets.ts';

const LIVE = 'exec sleep infinity';
const HOUR = 3_600_000;

const scheduling = (schedules: string, procfile: string, mayLeavePipes = false): Project =>
  project(procfile, { files: { 'procsup.yaml': `processes:\n${schedules}` }, mayLeavePipes });

const SKIPPED = /sync\.1 was scheduled for .+, but is still running; skipping this time/;

test('a schedule of each second starts its process, skips the times at which it runs, and starts it again', async () => {
  const app = scheduling('  sync: { schedule: "* * * * * *" }\n', `web: ${LIVE}\nsync: ${PUPPET}`);
  await app.up();
  const first = await app.puppet('sync.1');
  await until(() => SKIPPED.test(app.daemonLog()), 'a time is skipped');
  await app.begin('events').says(SKIPPED);
  const table = (await app.run('ps')).stdout;
  expect(table).toMatch(/^NAME +STATE +NEXT +PID/);
  expect(table).toMatch(/^sync\.1 +running +\d\d:\d\d:\d\d /m);
  expect(table).toMatch(/^web\.1 +running +\d+ /m);
  const [sync] = await app.json<readonly { readonly next?: string }[]>('ps', '--json', 'sync');
  expect(Math.abs(Date.parse(sync?.next ?? '') - Date.now())).toBeLessThan(HOUR);
  expect((await app.run('why', 'sync')).stdout).toMatch(/started by its schedule .*; it starts next at /);
  first.exit(0);
  const second = await app.puppet('sync.1');
  expect(second.pid).not.toBe(first.pid);
});

/** As if the last look at schedules had been so much earlier. */
function rememberEarlier(app: Project, ms: number): void {
  const path = join(app.places.stateDirectory, 'schedules');
  const remembered = JSON.parse(readFileSync(path, 'utf8')) as { readonly lookedMs: number };
  expect(Math.abs(remembered.lookedMs - Date.now())).toBeLessThan(HOUR);
  writeFileSync(path, JSON.stringify({ ...remembered, lookedMs: remembered.lookedMs - ms }));
}

async function looksAtSchedules(app: Project): Promise<void> {
  for (let next: string | undefined; next === undefined;)
    next = (await app.json<readonly { readonly next?: string }[]>('ps', '--json', 'report'))[0]?.next;
}

const MISSED = /report\.1 missed (3|4) scheduled starts while procsup was not running, the last at /;
const HOURLY = '  report: { schedule: "0 * * * *" }\n';

test('times that pass between two supervisors are told once', async () => {
  const app = scheduling(HOURLY, `web: ${LIVE}\nreport: ${LIVE}`);
  await app.up();
  await app.run('down');
  rememberEarlier(app, 3 * HOUR);
  await app.up();
  await until(() => MISSED.test(app.daemonLog()), 'it is told');
  await app.begin('events').says(MISSED);
  expect((await app.run('why', 'report')).stdout).toMatch(MISSED);
  await app.run('down');
  await app.up();
  await looksAtSchedules(app);
  expect(app.daemonLog().match(new RegExp(MISSED, 'g'))).toHaveLength(1);
});

test('and those that pass after one was killed, by a start in the foreground as well', async () => {
  const app = scheduling(HOURLY, `web: ${LIVE}\nreport: ${LIVE}`, true);
  const pid = await app.up();
  await until(() => app.guardians().length > 0, 'the guardian runs');
  process.kill(pid, 'SIGKILL');
  await gone([pid]);
  rememberEarlier(app, 3 * HOUR);
  const foreground = app.begin('start');
  await foreground.says(MISSED);
  // By then it has taken over the socket of the one that was killed.
  expect(await app.run('wait', 'web', '--for', 'running')).toMatchObject({ status: 0 });
  await app.run('down');
  await foreground.ended;
});
