import { expect, test } from 'vitest';
import {
  commonEnvironment,
  ownEnvironment,
  wholeEnvironment,
  type EnvironmentSources,
} from '../../../src/core/plan/environment.ts';

const common = (some: Partial<EnvironmentSources>) =>
  commonEnvironment({ realEnv: {}, fileValues: [], ports: [], forceColor: false, ...some });

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
  expect(common({ realEnv: user, forceColor: true })).toEqual(expected);
  expect(common({ fileValues: [user], forceColor: true })).toEqual(expected);
  expect(common({ realEnv: user })).toEqual(user);
});

test("our launcher's own variable does not reach the children", () => {
  expect(common({ realEnv: { PROCSUP_SOFT_NOFILE: '1024', A: '1' } })).toEqual({ A: '1' });
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
