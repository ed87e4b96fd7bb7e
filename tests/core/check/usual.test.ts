import { expect, test } from 'vitest';
import { hearsFromTheStart, readyPlanOf } from '../../../src/core/check/usual.ts';
import { servicePlan, stagePlan, type ServicePlan } from '../../../src/core/plan/process-plan.ts';

const place = { file: 'Procfile', line: 1, column: 1, length: 1, text: '' };
const plan = (name: string, command: string, more: Partial<ServicePlan> = {}): ServicePlan => ({
  ...servicePlan(name, command, place),
  ...more,
});

test.each([
  { what: 'one named web', of: plan('web', 'node server.js'), kind: 'listening' },
  { what: 'one with $PORT', of: plan('api', 'serve -p $PORT'), kind: 'listening' },
  { what: 'one with ${PORT}', of: plan('api', 'serve -p ${PORT}'), kind: 'listening' },
  { what: 'one with a default for it', of: plan('api', 'serve -p ${PORT:-80}'), kind: 'listening' },
  { what: 'one with ports', of: plan('api', 'serve', { ports: [80] }), kind: 'listening' },
  { what: 'another variable', of: plan('api', 'serve -p $PORTS ${PORT_A} $API_PORT'), kind: 'delay' },
  { what: 'one that is only like web', of: plan('webhook', 'run'), kind: 'delay' },
])('$what: $kind', ({ of, kind }) => {
  expect(readyPlanOf(of)?.checks.map((check) => check.kind)).toEqual([kind]);
});

test('what the user has said wins, and one second is the delay', () => {
  const ready = { checks: [{ kind: 'notify' }] } as const;
  expect(readyPlanOf(plan('web', 'x', { ready }))).toBe(ready);
  expect(readyPlanOf(plan('worker', 'x'))).toEqual({ checks: [{ kind: 'delay', ms: 1000 }] });
});

test('a task is ready when it has ended well and a stage at once: no check says so', () => {
  expect(readyPlanOf(plan('web', 'echo $PORT', { kind: 'task' }))).toBeNull();
  const stage = { command: 'cat $PORT', script: 'cat', joinsStderr: false, place };
  expect(readyPlanOf(stagePlan('web', '1', stage))).toBeNull();
});

test('only what is said from the start on has to be heard from the start on', () => {
  const ready = (kind: 'log' | 'http') =>
    plan('web', 'x', {
      ready: { checks: [kind === 'log' ? { kind, pattern: 'x' } : { kind, target: '/' }] },
    });
  expect([ready('log'), ready('http'), plan('web', 'x')].map(hearsFromTheStart)).toEqual([
    true,
    false,
    false,
  ]);
  expect(hearsFromTheStart(plan('web', 'x', { failLog: 'x' }))).toBe(true);
});
