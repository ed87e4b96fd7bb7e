/** From the machines to the prober and back, with a clock of the test. */
import { expect, test } from 'vitest';
import type { ServicePlan } from '../../src/core/plan/process-plan.ts';
import { createRunChecks, type CheckedRun } from '../../src/runtime/checks.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { createFakeProber } from '../helpers/fake-prober.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

function watching(plan: Partial<ServicePlan>, seesSockets = true) {
  const clock = createVirtualClock();
  const fake = createFakeProber({ seesSockets });
  const checks = createRunChecks(fake.prober, clock);
  const told: string[] = [];
  const usual = fakeInstance('api.1');
  const instance = { ...usual, plan: { ...usual.plan, ...plan } as ServicePlan };
  const start = (run = 1): void => {
    const on: CheckedRun['on'] = {
      ready: () => told.push(`ready ${String(run)}`),
      unready: (message, isUnhealthy) =>
        told.push(`${isUnhealthy ? 'unhealthy' : 'unready'} ${String(run)}: ${message}`),
      tell: (fact) => told.push('words' in fact ? `${fact.type}: ${fact.words}` : fact.type),
    };
    checks.start({ instance, run, pid: 42, root: '/', on });
  };
  return { ...fake, clock, checks, told, start };
}

const LISTENING = { ready: { checks: [{ kind: 'listening' }] } } as const;
const HTTP = { kind: 'http', target: '/' } as const;
const HEALTH = { checks: [HTTP], everyMs: 10_000, failures: 1 } as const;
const listens = (port: number) =>
  ({ is: 'listens', sockets: [{ inode: '1', port, address: '::' }] }) as const;

test('a plan that says nothing is ready after a second, and nothing is left of its check', () => {
  const { start, clock, told, asked, watchers } = watching({});
  start();
  clock.advance(999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect([told, asked(), clock.timerCount, watchers()]).toEqual([['ready 1'], [], 0, 0]);
});

test('one that listens is looked at as the machine says, and by its own PORT', () => {
  const { start, clock, told, asked, answer, watchers } = watching(LISTENING);
  start();
  expect([asked(), watchers()]).toEqual([[], 1]);
  clock.advance(50);
  expect(asked()).toEqual(['listening']);
  answer('listening', listens(5000));
  clock.advance(250);
  answer('listening', listens(5000));
  expect([told, asked(), clock.timerCount, watchers()]).toEqual([['ready 1'], [], 0, 0]);
});

test('a change of its sockets asks at once', () => {
  const { start, asked, change } = watching(LISTENING);
  start();
  change();
  expect(asked()).toEqual(['listening']);
});

test('a stop takes back everything, and one of an older run nothing', () => {
  const { start, checks, clock, told, asked, answer, watchers } = watching({ ready: { checks: [HTTP] } });
  start(2);
  clock.advance(50);
  checks.stop('api.1', 1);
  expect(asked()).toEqual(['http']);
  checks.stop('api.1', 2);
  expect([asked(), clock.timerCount, watchers()]).toEqual([[], 0, 0]);
  answer('http', { is: 'yes' });
  expect(told).toEqual([]);
});

test('the checks of two runs of one instance do not touch each other', () => {
  const { start, checks, clock, told, asked, answer } = watching({ ready: { checks: [HTTP] } });
  start(1);
  clock.advance(50);
  start(2);
  clock.advance(50);
  expect(asked()).toEqual(['http', 'http']);
  checks.stop('api.1', 1);
  expect(asked()).toEqual(['http']);
  answer('http', { is: 'yes' });
  expect(told).toEqual(['ready 2']);
});

test('what was said at once of one check ends the others that were begun with it', () => {
  const { start, clock, told, asked, answer } = watching({
    ready: { checks: [{ kind: 'log', pattern: 'x' }, HTTP], withinMs: 5000 },
    failLog: 'Error',
  });
  start();
  expect(asked()).toEqual(['log', 'log']);
  answer('log', { is: 'yes', line: 'Error: x' });
  expect([told, asked(), clock.timerCount]).toEqual([['unready 1: its output says: Error: x'], [], 0]);
});

test('a line says after 30 s what is missing, and the limit of its time ends it', () => {
  const { start, clock, told, answer } = watching({ ready: { checks: [HTTP], withinMs: 40_000 } });
  start();
  clock.advance(50);
  answer('http', { is: 'no', words: 'http /: 503' });
  clock.advance(29_950);
  expect(told).toEqual(['not-ready-yet: http /: 503 for 30s']);
  clock.advance(10_000);
  expect(told.slice(1)).toEqual(['unready 1: not ready within 40s: http /: 503 for 40s']);
});

test('health is asked for once it is ready, until the stop', () => {
  const { start, checks, clock, told, asked, answer } = watching({ health: { ...HEALTH, action: 'warn' } });
  start();
  clock.advance(10_999);
  expect(asked()).toEqual([]);
  clock.advance(1);
  expect(asked()).toEqual(['http']);
  answer('http', { is: 'no', words: 'http /: 500' });
  clock.advance(10_000);
  answer('http', { is: 'yes' });
  expect(told).toEqual(['ready 1', 'unhealthy: http /: 500', 'healthy']);
  checks.stop('api.1', 1);
  expect(clock.timerCount).toBe(0);
});

test('where an unhealthy one is to be restarted, that is said in its place', () => {
  const { start, clock, told, answer } = watching({ health: { ...HEALTH, action: 'restart' } });
  start();
  clock.advance(11_000);
  answer('http', { is: 'no', words: 'http /: 500' });
  expect(told).toEqual(['ready 1', 'unhealthy 1: http /: 500']);
});

test('a task is not made ready by a check, but its output can say that its start failed', () => {
  const { start, clock, told, asked } = watching({
    kind: 'task',
    failLog: 'Error',
    health: { ...HEALTH, action: 'warn' },
  });
  start();
  clock.advance(10_000);
  expect([told, asked()]).toEqual([[], ['log', 'http']]);
});

test('the end of all stops all', () => {
  const { start, checks, clock, isClosed } = watching({});
  start();
  checks.close();
  expect([clock.timerCount, isClosed()]).toEqual([0, true]);
});

test('where the system does not tell who listens, a connection is asked for, and nothing is watched', () => {
  const health = { ...HEALTH, checks: [{ kind: 'listening', port: 80 }], action: 'warn' } as const;
  const { start, clock, told, asked, answer, watchers } = watching({ ...LISTENING, health }, false);
  start();
  clock.advance(50);
  expect([asked(), watchers()]).toEqual([['tcp'], 0]);
  answer('tcp', { is: 'yes' });
  clock.advance(10_000);
  expect([told, asked()]).toEqual([['ready 1'], ['tcp']]);
});

test('READY=1 that does not come in time: the option is named that the program needs for it', () => {
  const ready = { checks: [{ kind: 'notify' }], withinMs: 2000 } as const;
  const options = ['', ' --supervised systemd', ' redis.conf'];
  const words = options.map((option) => {
    const command = `redis-server --port 7000${option}`;
    const { start, clock, told, checks } = watching({ ready, command, script: `exec ${command}` });
    start();
    const missing = checks.missing('api.1');
    clock.advance(2000);
    return [missing, ...told];
  });
  const lacks = 'no READY=1 at its NOTIFY_SOCKET';
  const hint = '(redis-server says it only with --supervised systemd)';
  const known = [lacks, `unready 1: not ready within 2s: ${lacks} for 2s`];
  expect(words).toEqual([
    [`${lacks} ${hint}`, `unready 1: not ready within 2s: ${lacks} for 2s ${hint}`],
    known,
    known,
  ]);
});
