/** `listen` of procsup.yaml: how it is read, what it changes in plans, and what contradicts it. */
import { expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { resolvedKeys } from '../../src/core/plan/resolved.ts';
import { planDifference } from '../../src/core/plan/difference.ts';
import { readyPlanOf } from '../../src/core/check/usual.ts';
import { allInstances } from '../../src/core/plan/app-spec.ts';
import { planApp, type PlanInput } from '../../src/core/plan/plan-app.ts';
import { isOnDemand, type ServicePlan } from '../../src/core/plan/process-plan.ts';

const never = (): never => {
  throw new Error('there is no plan');
};

function plan(yaml: string, { root = '/project', ...choice }: Partial<PlanInput> = {}) {
  const text = `processes:\n${yaml.replace(/^/gm, '  ')}\n`;
  const appFile = readAppFileText('procsup.yaml', { ok: true, text } as never);
  return planApp({ root, procfile: 'none', appFile, envFiles: [], realEnv: {}, ...choice });
}

const web = (more: string, command = 'node server.js') =>
  `web:\n  command: ${command}\n${more.replace(/^/gm, '  ')}`;

const problemsIn = (yaml: string, root = '/project') =>
  plan(yaml, { root }).problems.map(
    ({ severity, message, place }) =>
      `${severity} ${String(place?.line)}:${String(place?.column)} ${message}`,
  );

test.each([
  ['listen: 3000', [{ name: 'web', address: { kind: 'tcp', host: '', port: 3000 } }]],
  [
    'listen: {address: ./web.sock, name: http, backlog: 100, nonblocking: true, mode: 0660}',
    [
      {
        ...{ name: 'http', address: { kind: 'unix', path: './web.sock' } },
        ...{ backlog: 100, nonblocking: true, mode: 0o660 },
      },
    ],
  ],
  [
    "listen: {http: '127.0.0.1:3000', ctl: {address: ./ctl.sock, mode: '600'}}",
    [
      { name: 'http', address: { kind: 'tcp', host: '127.0.0.1', port: 3000 } },
      { name: 'ctl', address: { kind: 'unix', path: './ctl.sock' }, mode: 0o600 },
    ],
  ],
])('%s', (yaml, sockets) => {
  const { value, problems } = plan(web(yaml));
  expect(problems).toEqual([]);
  expect(value?.instances[0]?.plan).toMatchObject({ listen: sockets });
});

test.each([
  ['listen: 3000\nautostart: on-demand', { autostart: 'on-demand' }],
  ['listen: 3000\nautostart: on-demand\nidle: 10m', { autostart: 'on-demand', idleMs: 600_000 }],
  ['listen: 3000\nidle: 90', { idleMs: 90_000 }],
])('%s: when clients start it', (yaml, keys) => {
  const { value, problems } = plan(web(yaml));
  expect(problems).toEqual([]);
  const instance = value === undefined ? undefined : allInstances(value)[0];
  expect(instance?.plan).toMatchObject(keys);
});

test('a process on demand is not started with the others, and is if it is named', () => {
  const yaml = `${web('listen: 3000\nautostart: on-demand')}\nother:\n  command: sleep 1`;
  expect(plan(yaml).value?.instances.map(({ name }) => name)).toEqual(['other.1']);
  expect(plan(yaml).value?.others.map(({ plan: one }) => isOnDemand(one))).toEqual([true]);
  expect(plan(yaml, { names: ['web'] }).value?.instances.map(({ name }) => name)).toEqual(['web.1']);
});

test.each([
  ['the names of others', { names: ['other'] }],
  ['-x', { exclude: ['web'] }],
  ['a profile that is not active', {}, '\nprofiles: debug'],
])('a process on demand that is left out by %s is not started by clients', (_, choice, more = '') => {
  const yaml = `${web(`listen: 3000\nautostart: on-demand${more}`)}\nother:\n  command: sleep 1`;
  const all = allInstances(plan(yaml, choice).value ?? never());
  expect(all.map(({ name, plan: one }) => [name, isOnDemand(one)])).toEqual([
    ['web.1', false],
    ['other.1', false],
  ]);
});

test('there is something to start where all wait for clients', () => {
  expect(plan(web('listen: 3000\nautostart: on-demand')).problems).toEqual([]);
});

test.each([
  [web('autostart: on-demand'), "error 4:5 'autostart: on-demand' needs 'listen'"],
  [web('idle: 10m'), "error 4:5 'idle' needs 'listen'"],
  [web('listen: 3000\nidle: 500ms'), "error 5:11 'idle' is too short"],
  [web('listen: 3000\nidle: soon'), "error 5:11 invalid duration 'soon'"],
  [web('listen: 3000\nautostart: on-demnd'), "error 5:16 invalid value 'on-demnd' for 'autostart'"],
  [
    web('listen: 3000\nidle: 1m\nhealth: { http: /health }'),
    "error 6:5 'http' asks its own socket, so it is never without a client",
  ],
  [
    web('listen: 3000\nidle: 1m\nhealth: { http: "http://127.0.0.1:3000/" }'),
    "error 6:5 'http' asks its own socket, so it is never without a client",
  ],
])('%s', (yaml, problem) => {
  expect(problemsIn(yaml)).toEqual([problem]);
});

test('a health check of something else may go with idle', () => {
  expect(problemsIn(web('listen: 3000\nidle: 1m\nhealth: { http: "http://127.0.0.1:4000/" }'))).toEqual([]);
});

test.each([
  [web('listen: example.com:80'), "error 4:13 cannot listen on the host name 'example.com'"],
  [web('listen: true'), "error 4:13 'listen' in process 'web' must be a number, a string or a map, got true"],
  [web('listen: {}'), "error 4:13 no sockets in 'listen'"],
  [web('listen: {a b: 1}'), "error 4:14 invalid name of a socket 'a b'"],
  [web('listen: {address: 1, bakclog: 2}'), "error 4:26 unknown key 'bakclog' in 'listen'"],
  [web('listen: {address: 1, backlog: many}'), "error 4:35 invalid value 'many' for 'backlog'"],
  [web('listen: {http: {address: 1, bakclog: 2}}'), "error 4:33 unknown key 'bakclog'"],
  [web('listen: {address: ./a, mode: 0999}'), "error 4:34 invalid permissions '0999'"],
  [
    web('listen: {address: 3000, mode: 0660}'),
    "error 4:29 'mode' has no effect: only a path has permissions",
  ],
  [web('listen: {a: 3000, b: 127.0.0.1:3000}'), "error 4:5 127.0.0.1:3000 is already kept for socket 'a'"],
  [web('listen: {http: true}'), "error 4:20 invalid address 'true' for 'listen'"],
  [
    `${web('listen: 3000')}\napi:\n  command: x\n  listen: 3000`,
    "error 7:5 port 3000 is already kept for 'web' (socket 'web')",
  ],
  [
    web('listen: 3000\nready: listening'),
    "error 5:5 'listening' always succeeds: procsup itself keeps this socket open",
  ],
  [
    web('listen: 3000\nready: {tcp: 3000}'),
    "error 5:5 'tcp' always succeeds: procsup itself keeps this socket open",
  ],
  [web('listen: 3000\nready: {tcp: 3001}'), undefined],
  [web('listen: 3000\nready: {http: /}'), undefined],
  [web('listen: 3000\nready: {fd: 3}'), "error 5:5 descriptor 3 is a socket of 'listen'"],
  [web('listen: 3000\nready: {fd: 4}'), undefined],
  [web('listen: 3000', 'run --fd {fd:wbe}'), "error 3:5 unknown socket in '{fd:wbe}'"],
  [
    web('listen: 3000\nenvironment: {PORT: 4000}'),
    "warning 5:5 PORT is 4000 here, but 'web' listens on 3000",
  ],
  [
    web('listen: 3000', 'cd x; node server.js'),
    'warning 3:5 the shell of this command stays, so LISTEN_PID is its pid and programs ignore LISTEN_FDS',
  ],
  [web('listen: 3000', 'cd x && exec node server.js'), undefined],
  [web('listen: 3000', 'cd x; uvicorn app --fd {fd:web}'), undefined],
  [
    web('listen: 3000', 'npm run dev'),
    "warning 3:5 'npm' does not pass sockets on to the program that it runs",
  ],
  [
    web('listen: 3000', 'node --watch server.js'),
    "warning 3:5 'node --watch' does not pass sockets on to the program that it runs",
  ],
])('what is wrong in %j', (yaml, message) => {
  expect(problemsIn(yaml)).toEqual(message === undefined ? [] : [message]);
});

test('the whole path of a socket is limited', () => {
  expect(problemsIn(web('listen: ./web.sock'), `/${'x'.repeat(100)}`)).toEqual([
    'error 4:5 path of a socket too long (112 bytes; the limit is 107)',
  ]);
});

test('command and environment are told the descriptors, all instances the one port', () => {
  const { value } = plan(
    `web:
  command: serve --fd {fd:http} --ctl {fd:ctl}
  instances: 2
  listen: {http: 3000, ctl: ./ctl.sock}
  environment: {NGINX: '{fd:http};'}
other:
  command: echo {fd:http}`,
  );
  const [first, second, other] = value?.instances ?? [];
  expect(first).toMatchObject({ script: 'exec serve --fd 3 --ctl 4', port: 3000 });
  expect(first?.command).toBe('serve --fd {fd:http} --ctl {fd:ctl}');
  expect(second).toMatchObject({ port: 3000, env: { own: { PORT: '3000', NGINX: '3;' } } });
  expect(value?.environment).toMatchObject({ PROCSUP_WEB_PORT: '3000' });
  expect(other).toMatchObject({ command: 'echo {fd:http}', script: 'echo {fd:http}' });
});

test('an open socket does not make a process ready', () => {
  const [instance] = plan(web('listen: 3000')).value?.instances ?? [];
  expect(instance && readyPlanOf(instance.plan)).toEqual({ checks: [{ kind: 'delay', ms: 1000 }] });
});

test('a reload restarts what gets other sockets', () => {
  const [before, same, after] = ['3000', '3000', '{address: 3000, nonblocking: true}'].map(
    (listen) => plan(web(`listen: ${listen}`)).value?.instances ?? [],
  );
  expect(planDifference(before ?? [], same ?? [])).toMatchObject({ changed: [], same: ['web.1'] });
  expect(planDifference(before ?? [], after ?? [])).toMatchObject({ changed: ['web.1'], same: [] });
});

test('check says it again', () => {
  const { value } = plan(web('listen: {http: localhost:0, ctl: {address: ./a, mode: 0660}}'));
  const keys = resolvedKeys(value?.instances[0]?.plan as ServicePlan, {
    root: '/project',
    defaults: {} as never,
    instances: 1,
  });
  expect(keys.find(({ key }) => key === 'listen')?.value).toEqual({
    http: { address: '127.0.0.1:0', backlog: 4096, nonblocking: false },
    ctl: { address: './a', backlog: 4096, nonblocking: false, mode: '0660' },
  });
});

test('a variable of another supervisor is not passed on', () => {
  const env = { LISTEN_FDS: '1', LISTEN_PID: '7', LISTEN_FDNAMES: 'x', KEPT: 'y' };
  const { value } = planApp({
    ...{ root: '/p', envFiles: [], realEnv: env },
    procfile: 'none',
    appFile: readAppFileText('procsup.yaml', {
      ok: true,
      text: `processes:\n  web:\n    command: x\n`,
    } as never),
  });
  expect(value?.environment).toMatchObject({ KEPT: 'y' });
  expect(Object.keys(value?.environment ?? {})).not.toEqual(expect.arrayContaining(['LISTEN_FDS']));
});
