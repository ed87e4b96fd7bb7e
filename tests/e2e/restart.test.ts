import { describe, expect, test } from 'vitest';
import { PUPPET } from '../helpers/puppets.ts';
import { finished, start } from '../helpers/start.ts';

const runsOf = (stdout: string, name = 'a.1') => stdout.split(`${name} started`).length - 1;

describe('a process that ended', () => {
  test('is not started again by default', async () => {
    const app = await finished('a: exit 1');
    expect(app.status).toBe(1);
    expect(runsOf(app.stdout)).toBe(1);
  });

  test('is given up after five restarts, and its status is ours', async () => {
    const app = await finished('a: exit 6', '--restart', 'on-failure', '--restart-delay', '0');
    expect(app.status).toBe(6);
    expect(runsOf(app.stdout)).toBe(6);
    expect(app.stdout).toContain('a.1 restarts at once');
    expect(app.stdout).toContain('a.1 failed after 5 restarts within 1m');
  });

  test('with success is not started again on failure', async () => {
    const app = await finished('a: exit 0', '--restart', 'on-failure', '--restart-delay', '0');
    expect(app.status).toBe(0);
    expect(runsOf(app.stdout)).toBe(1);
  });

  test('with success is started again always', async () => {
    const app = await finished('a: exit 0', '--restart', 'always', '--restart-delay', '0');
    expect(app.status).toBe(1);
    expect(runsOf(app.stdout)).toBe(6);
  });

  test('by a signal has failed', async () => {
    const app = start(`a: ${PUPPET}`, '--restart', 'on-failure', '--restart-delay', '0');
    const first = await app.puppet('a.1');
    first.die('SIGKILL');
    const second = await app.puppet('a.1');
    expect(second.pid).not.toBe(first.pid);
    second.exit(0);
    expect(await app.ended).toEqual({ status: 0, signal: null });
  });

  test('waits longer each time', async () => {
    const app = await finished('a: exit 1', '--restart', 'always', '--restart-delay', '10ms');
    const delays = app.lines.flatMap(({ text }) => /restarts in (\d+)ms/.exec(text)?.[1] ?? []).map(Number);
    expect(delays).toHaveLength(5);
    for (const [at, delayMs] of delays.entries()) {
      expect(delayMs).toBeGreaterThanOrEqual(10 * 2 ** at);
      expect(delayMs).toBeLessThanOrEqual(11 * 2 ** at);
    }
  });
});

test('a process that comes back disturbs no other, and the failed one does not end the run with keep', async () => {
  const app = start(
    `a: exit 1\nb: ${PUPPET}`,
    ...['--restart', 'on-failure', '--restart-delay', '0', '--on-exit', 'keep', '-m', 'a=4'],
  );
  const b = await app.puppet('b.1');
  for (let at = 1; at <= 4; at += 1) await app.says(`a.${at} failed after`);
  b.exit(0);
  expect(await app.ended).toEqual({ status: 1, signal: null });
  expect(runsOf(app.stdout, 'b.1')).toBe(1);
});

test('a stop ends the waiting for a restart', async () => {
  const app = start('a: exit 1', '--restart', 'always', '--restart-delay', '1h');
  await app.says('a.1 restarts in');
  app.kill('SIGTERM');
  expect(await app.ended).toEqual({ status: 0, signal: null });
  expect(runsOf(app.stdout)).toBe(1);
});
