/** Checks where the system does not tell who listens, as on macOS: everything is decided by the plan. */
import { expect, test } from 'vitest';
import { readAppFileText } from '../../../src/config/read-app-file.ts';
import { checkWithoutSockets, unknownPortProblems } from '../../../src/core/check/without-sockets.ts';
import { readyPlanOf } from '../../../src/core/check/usual.ts';
import type { Check } from '../../../src/core/check/check.ts';
import { planApp } from '../../../src/core/plan/plan-app.ts';
import { servicePlan, type ServicePlan } from '../../../src/core/plan/process-plan.ts';

const place = { file: 'Procfile', line: 1, column: 1, length: 1, text: '' };
const plan = (name: string, command: string, more: Partial<ServicePlan> = {}): ServicePlan => ({
  ...servicePlan(name, command, place),
  ...more,
});
const LISTENING = { kind: 'listening' } as const;
const to = (port: number) => ({ kind: 'tcp', host: 'localhost', port });

test.each([
  ['one named web: its PORT', plan('web', 'node server.js'), to(5100)],
  ['one with $PORT: that', plan('api', 'serve $PORT', { ports: [80] }), to(5100)],
  ['one with ports: the first', plan('web', 'serve', { ports: [80, 81] }), to(80)],
  ['any other: its second', plan('worker', 'run'), { kind: 'delay', ms: 1000 }],
])('the usual readiness of %s', (_what, of, asked) => {
  const checks = readyPlanOf(of)?.checks ?? [];
  expect(checks.map((check) => checkWithoutSockets(check, of, 5100))).toEqual([asked]);
});

test.each<[Check, object]>([
  [{ kind: 'listening', port: 3000 }, to(3000)],
  [{ kind: 'tcp', port: 3000 }, to(3000)],
  [
    { kind: 'tcp', port: 3000, host: 'db' },
    { kind: 'tcp', port: 3000, host: 'db' },
  ],
  [
    { kind: 'http', target: '/up', status: [204] },
    { kind: 'http', target: 'http://localhost:5100/up', status: [204] },
  ],
  [
    { kind: 'http', target: 'https://db/' },
    { kind: 'http', target: 'https://db/' },
  ],
  [
    { kind: 'log', pattern: 'x' },
    { kind: 'log', pattern: 'x' },
  ],
])('%o is asked as %o', (check, asked) => {
  expect(checkWithoutSockets(check, plan('api', 'serve'), 5100)).toEqual(asked);
});

test.each([
  ['nothing says its port', plan('api', 'serve'), true],
  ['a task of which nothing says it', plan('api', 'serve', { kind: 'task' }), true],
  ['its command names $PORT', plan('api', 'serve ${PORT}'), false],
  ['it has a PORT of its own', plan('api', 'serve', { environment: { PORT: '80' } }), false],
  ['a file gives it one', plan('api', 'serve', { fileVariables: { PORT: '80' } }), false],
  ['it has ports', plan('api', 'serve', { ports: [80] }), false],
  ['it is named web', plan('web', 'serve'), false],
])('listening: true, and %s', (_what, of, isProblem) => {
  const asked = { ...of, ready: { checks: [LISTENING] } };
  expect(unknownPortProblems([asked]).map(({ code }) => code)).toEqual(
    isProblem ? ['listening-port-unknown'] : [],
  );
});

test('the problem names the key and what to write there', () => {
  const said = { ...place, line: 7 };
  const health = { checks: [LISTENING], everyMs: 1000, failures: 3, action: 'warn' } as const;
  expect(unknownPortProblems([plan('api', 'serve', { health, saidAt: { health: said } })])).toEqual([
    {
      code: 'listening-port-unknown',
      severity: 'error',
      message:
        "cannot check 'listening: true' of 'api': this system does not tell on which ports a process listens",
      place: said,
      remedy: "name its port, as in 'health: { listening: 3000 }'",
    },
  ]);
});

test('a port that is named, and what nobody has asked for, are no problem', () => {
  const named = plan('api', 'serve', { ready: { checks: [{ kind: 'listening', port: 3000 }] } });
  expect(unknownPortProblems([named, plan('web', 'serve')])).toEqual([]);
});

test('a plan has this problem only where the system does not tell', () => {
  const text = 'processes: {api: {command: serve, ready: {listening: true}}}';
  const problemsOf = (seesSockets: boolean | undefined) =>
    planApp({
      ...{ root: '/', procfile: 'none', envFiles: [], realEnv: {}, seesSockets },
      appFile: readAppFileText('procsup.yaml', { ok: true, text }),
    }).problems.map(({ code, place }) => [code, place?.file, place?.column]);
  expect([true, undefined].map(problemsOf)).toEqual([[], []]);
  expect(problemsOf(false)).toEqual([['listening-port-unknown', 'procsup.yaml', 35]]);
});
