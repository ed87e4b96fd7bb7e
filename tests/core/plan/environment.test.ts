import { describe, expect, test } from 'vitest';
import {
  comfortingVariables,
  commonEnvironment,
  ownEnvironment,
  wholeEnvironment,
  withdrawn,
  type EnvironmentSources,
} from '../../../src/core/plan/environment.ts';

const common = (some: Partial<EnvironmentSources>) =>
  commonEnvironment({ realEnv: {}, fileValues: [], ports: [], ...some });

test('the file wins over the real environment, the later file over the earlier', () => {
  const realEnv = { A: 'real', B: 'real', C: 'real', D: undefined };
  expect(common({ realEnv, fileValues: [{ B: 'one', C: 'one' }, { C: 'two' }] })).toEqual({
    A: 'real',
    B: 'one',
    C: 'two',
  });
});

test('each process gets its variable; of two that share one the first wins', () => {
  const ports = ['web', 'my-web', 'my_web', '__proto__'].map((process, index) => ({
    process,
    port: 5000 + index,
  }));
  expect(common({ ports, realEnv: { PROCSUP_WEB_PORT: 'x' } })).toEqual({
    PROCSUP_WEB_PORT: '5000',
    PROCSUP_MY_WEB_PORT: '5001',
    PROCSUP___PROTO___PORT: '5003',
  });
});

test.each([
  [{}, { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }],
  [{ FORCE_COLOR: '3' }, { FORCE_COLOR: '3', CLICOLOR_FORCE: '1' }],
  [{ CLICOLOR_FORCE: '0' }, { FORCE_COLOR: '1', CLICOLOR_FORCE: '0' }],
  [{ FORCE_COLOR: '' }, { FORCE_COLOR: '', CLICOLOR_FORCE: '1' }],
  [{ NO_COLOR: '1' }, { NO_COLOR: '1' }],
])('colour is forced unless the user says otherwise: %j', (user, expected) => {
  expect(common({ realEnv: user, comforts: { colour: 'forced' } })).toEqual(expected);
  expect(common({ fileValues: [user], comforts: { colour: 'forced' } })).toEqual(expected);
  expect(common({ realEnv: user })).toEqual(user);
});

test.each([
  [{}, { NO_COLOR: '1' }],
  [{ NO_COLOR: '' }, { NO_COLOR: '' }],
  [{ FORCE_COLOR: '1' }, { FORCE_COLOR: '1' }],
  [{ FORCE_COLOR: '' }, { FORCE_COLOR: '' }],
  [{ CLICOLOR_FORCE: '1' }, { CLICOLOR_FORCE: '1' }],
])('colour is unwanted unless the user says anything about it: %j', (user, expected) => {
  expect(common({ realEnv: user, comforts: { colour: 'none' } })).toEqual(expected);
  expect(common({ fileValues: [user], comforts: { colour: 'none' } })).toEqual(expected);
});

test.each([
  [{ FORCE_COLOR: '1' }, { NO_COLOR: '1' }, ['NO_COLOR']],
  [{ NO_COLOR: '1' }, { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }, ['FORCE_COLOR', 'CLICOLOR_FORCE']],
  [{ FORCE_COLOR: '1' }, { FORCE_COLOR: '1' }, []],
  [{ FORCE_COLOR: '' }, { NO_COLOR: '1' }, []],
  [{ NO_COLOR: '1' }, {}, []],
])('a process with %j of its own gets of ours, %j, all but %j', (planned, ours, names) => {
  expect(withdrawn(planned, ours)).toEqual(Object.fromEntries(names.map((name) => [name, undefined])));
});

test.each([
  [{}, { PYTHONUNBUFFERED: '1' }],
  [{ PYTHONUNBUFFERED: '' }, { PYTHONUNBUFFERED: '' }],
  [{ PYTHONUNBUFFERED: '0' }, { PYTHONUNBUFFERED: '0' }],
])('Python does not buffer unless the user has set the variable: %j', (user, expected) => {
  expect(common({ realEnv: user, comforts: { unbuffered: true } })).toEqual(expected);
  expect(common({ fileValues: [user], comforts: { unbuffered: true } })).toEqual(expected);
});

describe('the programs of the project', () => {
  const localBin = { node: ['/app/node_modules/.bin', '/node_modules/.bin'], venv: '/app/.venv' };
  const added = (realEnv: Record<string, string>, file: Record<string, string> = {}, some = localBin) =>
    comfortingVariables({ realEnv, fileValues: [file], comforts: { localBin: some } });
  const all = '/app/node_modules/.bin:/node_modules/.bin:/app/.venv/bin:/bin';

  test('come before those of PATH', () => {
    expect(added({ PATH: '/bin' })).toEqual({ PATH: all, VIRTUAL_ENV: '/app/.venv' });
    expect(added({ PATH: '/bin' }, {}, { node: [], venv: '/app/.venv' })['PATH']).toBe('/app/.venv/bin:/bin');
  });

  test.each([
    ['there is no PATH', {}, {}],
    ['PATH is empty', { PATH: '' }, {}],
    ['an environment file says what PATH is', { PATH: '/bin' }, { PATH: '/usr/bin' }],
  ])('are left out where %s', (_when, real, file) => {
    expect(added(real, file)).toEqual({});
  });

  test('stay where the user has put them', () => {
    const path = '/bin:/app/node_modules/.bin:/node_modules/.bin:/app/.venv/bin';
    expect(added({ PATH: path })).toEqual({});
  });

  test('are not those of .venv where another virtual environment is activated', () => {
    expect(added({ PATH: '/bin', VIRTUAL_ENV: '/other' })).toEqual({
      PATH: '/app/node_modules/.bin:/node_modules/.bin:/bin',
    });
  });

  test('cannot be in a directory with a colon in its name', () => {
    expect(added({ PATH: '/bin' }, {}, { node: ['/a:b/node_modules/.bin'], venv: '/a:b/.venv' })).toEqual({});
  });
});

test("our launcher's own variable does not reach the children", () => {
  expect(common({ realEnv: { PROCSUP_SOFT_NOFILE: '1024', A: '1' } })).toEqual({ A: '1' });
});

test('what a service manager wants to hear from us is not said by a child', () => {
  expect(common({ realEnv: { NOTIFY_SOCKET: '/run/systemd/notify', A: '1' } })).toEqual({ A: '1' });
});

test('an instance is told what it is, whatever the files and its plan say', () => {
  const env = { A: '1', B: '1', PORT: '1', PS: 'x', PROCSUP_PROCESS: 'x', PROCSUP_INSTANCE: 'x' };
  const web = { name: 'web.2', process: 'web', instance: 2, port: 5001 };
  const own = ownEnvironment(web, { ...env, B: '2' });
  expect(wholeEnvironment({ common: env, own })).toEqual({
    A: '1',
    B: '2',
    PORT: '5001',
    PS: 'web.2',
    PROCSUP_PROCESS: 'web',
    PROCSUP_INSTANCE: '2',
  });
});

test('what a plan takes away, and what is between others and us, reaches no child', () => {
  const common = { A: '1', NO_COLOR: '1', LISTEN_PID: '1' };
  const own = { NO_COLOR: undefined, NOTIFY_SOCKET: '/run/systemd/notify', B: '2' };
  expect(wholeEnvironment({ common, own })).toEqual({ A: '1', B: '2' });
  expect(Object.keys(wholeEnvironment({ common, own }))).toEqual(['A', 'B']);
});
