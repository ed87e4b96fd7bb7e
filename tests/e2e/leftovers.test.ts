import { describe, expect, test } from 'vitest';
import { becomes, until } from '../helpers/eventually.ts';
import { commandOf, isAlive, withCommand, withEnvironment } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { start, type Started } from '../helpers/start.ts';

/** After every test `start` itself looks for what was left behind; here it is also known by its pid. */
async function pidSaidBy(app: Started, name: string): Promise<number> {
  const [, pid] = await app.says(new RegExp(`${name} pid (\\d+)`));
  return Number(pid);
}

const live = (name: string) => `echo "${name} pid $$"; exec sleep infinity`;
const deaf = (name: string) => `trap "" INT TERM HUP; echo "${name} pid $$"; while :; do sleep 1000; done`;

describe('a background job', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('goes with its shell on %s', async (signal) => {
    const app = start(`a: (${live('job')}) & wait\nb: sh -c '${live('job2')}'; true`);
    const pids = [await pidSaidBy(app, 'job'), await pidSaidBy(app, 'job2')];
    app.kill(signal);
    expect((await app.ended).status).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('that its program leaves behind is ended before a successor starts', async () => {
    const app = start(`a: ${PUPPET}`, '--restart', 'always', '--restart-delay', '0');
    const first = await app.puppet('a.1');
    const job = await first.start('trap "" TERM; exec sleep infinity');
    await first.start('exec sleep infinity');
    first.exit(0);
    await app.says('a.1 left processes behind; stopping them');
    // It does not go for SIGTERM, and gets all the time there is.
    expect(isAlive(job)).toBe(true);
    process.kill(job, 'SIGKILL');
    const second = await app.puppet('a.1');
    expect(isAlive(job)).toBe(false);
    expect(second.pid).not.toBe(first.pid);
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
  });
});

describe('a grandchild in a session of its own', () => {
  test('that holds the pipe does not hide the exit, nor hold up the end, and is ended', async () => {
    const app = start(`a: setsid sh -c '${live('stray')}' & sleep 0.1; exit 3\nb: ${PUPPET}`, '-t', '1h');
    const stray = await pidSaidBy(app, 'stray');
    await app.says('a.1 exited with status 3');
    expect((await app.ended).status).toBe(3);
    expect(isAlive(stray)).toBe(false);
  });

  test('that holds the pipe is asked to go when all are stopped, and not only killed later', async () => {
    const app = start(`a: setsid sh -c '${live('stray')}' & wait`, '-t', '1h');
    const stray = await pidSaidBy(app, 'stray');
    app.kill('SIGTERM');
    expect(await app.ended).toEqual({ status: 0, signal: null });
    expect(isAlive(stray)).toBe(false);
  });

  test('that hides its output is found at the end', async () => {
    const app = start(`a: ${PUPPET}`);
    const a = await app.puppet('a.1');
    const stray = await a.start('exec sleep infinity >/dev/null 2>&1', { apart: true });
    await until(() => commandOf(stray).startsWith('sleep'), 'it has let go of its output');
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
    expect(isAlive(stray)).toBe(false);
    expect(app.stdout).toContain(`stopped stray processes: pid ${stray}`);
  });

  test('is killed if it does not go', async () => {
    const app = start(`a: ${PUPPET}`, '-t', '100ms');
    const a = await app.puppet('a.1');
    await a.start(deaf('stray'), { apart: true });
    const stray = await pidSaidBy(app, 'stray');
    app.kill('SIGTERM');
    await app.ended;
    expect(isAlive(stray)).toBe(false);
  });
});

describe('when procsup is killed with SIGKILL nothing survives:', () => {
  test('no child, no job, no grandchild, whatever they ignore and wherever they went', async () => {
    const app = start(
      [
        `plain: ${live('plain')}`,
        `deaf: ${deaf('deaf')}`,
        `job: (${deaf('job')}) & wait`,
        `stray: setsid sh -c '${deaf('stray')}' & wait`,
        `silent: ${live('silent')} >/dev/null`,
      ].join('\n'),
    );
    const names = ['plain', 'deaf', 'job', 'stray'];
    const pids = await Promise.all(names.map((name) => pidSaidBy(app, name)));
    pids.push(await app.pidOf('silent.1'));
    expect(pids.filter((pid) => !isAlive(pid))).toEqual([]);
    app.kill('SIGKILL');
    await until(() => pids.every((pid) => !isAlive(pid)), 'everything has ended');
    expect(await becomes(() => withEnvironment(app.mark).length === 0)).toBe(true);
  });

  test('not even in the moment of the first start', async () => {
    for (let at = 0; at < 5; at += 1) {
      const app = start('a: exec sleep infinity', '-m', 'a=10');
      await app.says('a.1 started');
      app.kill('SIGKILL');
      expect(await becomes(() => withEnvironment(app.mark).length === 0)).toBe(true);
    }
  });

  test('nor after somebody has killed its guardian', async () => {
    const app = start(`a: ${PUPPET}`);
    const a = await app.puppet('a.1');
    const guardians = () => withCommand(new RegExp(`procsup-guardian ${app.pid.toString(36)}-`));
    const [first] = guardians();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await until(() => guardians().some(({ pid }) => pid !== first?.pid), 'there is another guardian');
    app.kill('SIGKILL');
    await until(() => !isAlive(a.pid), 'the child has ended');
  });
});

test('twenty procsup at once do not disturb each other', async () => {
  const apps = Array.from({ length: 20 }, () => start(`a: ${live('a')}`));
  const pids = await Promise.all(apps.map((app) => pidSaidBy(app, 'a')));
  const [first, ...others] = apps;
  first?.kill('SIGTERM');
  expect((await first?.ended)?.status).toBe(0);
  expect(pids.map(isAlive)).toEqual([false, ...others.map(() => true)]);
  for (const app of others) app.kill('SIGTERM');
  const endings = await Promise.all(others.map((app) => app.ended));
  expect(endings.every(({ status }) => status === 0)).toBe(true);
});
