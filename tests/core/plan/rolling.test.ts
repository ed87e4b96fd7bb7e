import { expect, test } from 'vitest';
import { rollingProblems, whyNotRolled } from '../../../src/core/plan/rolling.ts';
import { servicePlan, stagePlan, type ServicePlan } from '../../../src/core/plan/process-plan.ts';
import type { Check } from '../../../src/core/check/check.ts';

const place = { file: 'procsup.yaml', line: 1, column: 1, length: 1, text: '' };
const plan = (name: string, more: Partial<ServicePlan> = {}): ServicePlan => ({
  ...servicePlan(name, 'run', place),
  ...more,
});
const listen = [{ name: 'web', address: { kind: 'tcp', host: '127.0.0.1', port: 3000 } }] as const;
const when = (...checks: readonly Check[]) => ({ ready: { checks } });
const http: Check = { kind: 'http', target: '/' };
const log: Check = { kind: 'log', pattern: 'up' };

test.each([
  ['a worker without a port', plan('worker')],
  ['a process with a socket', plan('web', { listen })],
  ['one that says when it is ready', plan('web', { listen, ...when(log) })],
  ['one of which that is asked as well', plan('web', { listen, ...when(http, log) })],
])('%s can be rolled', (_, one) => {
  expect(whyNotRolled(one)).toBeUndefined();
  expect(rollingProblems([{ ...one, rolling: true }])).toEqual([]);
});

test.each([
  ['a process with a port of its own', plan('web'), 'cannot listen on the same port', "add 'listen'"],
  ['one that is asked at a port', plan('api', when(http)), 'cannot listen on the same port', "add 'listen'"],
  ['one that the old run answers for', plan('web', { listen, ...when(http) }), 'the old run answers', 'log'],
  ['a task', plan('migrate', { kind: 'task' }), 'is a task', "remove 'rolling'"],
  ['one with a terminal', plan('repl', { tty: true }), 'has a terminal', "remove 'rolling'"],
])('%s cannot be', (_, one, message, remedy) => {
  expect(whyNotRolled(one)?.message).toContain(message);
  const [problem, ...others] = rollingProblems([{ ...one, rolling: true }, plan('worker'), one]);
  expect(others).toEqual([]);
  expect(problem?.message).toContain(message);
  expect(problem?.remedy).toContain(remedy);
});

test('a stage of a pipeline cannot be rolled', () => {
  const stage = stagePlan('ingest', 'parse', { command: 'a', script: 'a', joinsStderr: false, place });
  expect(whyNotRolled(stage)).toMatchObject({ remedy: 'restart it without --rolling' });
});
