import { describe, expect, test } from 'vitest';
import { planDifference } from '../../../src/core/plan/difference.ts';
import { fakeInstance as instance } from '../../helpers/fake-instance.ts';

test('says who comes, goes, changes and stays', () => {
  const before = ['web.1', 'web.2', 'db.1', 'old.1'].map((name) => instance(name));
  const after = [instance('new.1'), instance('web.1'), instance('db.1', { port: 5100 })];
  expect(planDifference(before, after)).toEqual({
    added: ['new.1'],
    removed: ['web.2', 'old.1'],
    changed: ['db.1'],
    same: ['web.1'],
  });
});

test.each<[string, Parameters<typeof instance>[1], boolean]>([
  ['script', { script: 'x' }, true],
  ['command', { command: 'x' }, true],
  ['port', { port: 1 }, true],
  ['value of a variable', { env: { A: '2' } }, true],
  ['variable more', { env: { A: '1', B: '' } }, true],
  ['variable less', { env: {} }, true],
  ['place in the Procfile', { index: 3 }, false],
])('another %s', (_what, some, isChange) => {
  const { changed, same } = planDifference([instance('web.1')], [instance('web.1', some)]);
  expect([changed, same]).toEqual(isChange ? [['web.1'], []] : [[], ['web.1']]);
});

test.each<[string, object, boolean]>([
  ['working_dir', { workingDir: '/x' }, true],
  ['stdin', { stdin: 'null' }, true],
  ['tty', { tty: true }, true],
  ['kind', { kind: 'task' }, false],
  ['restart', { restart: { mode: 'always' } }, false],
  ['success_status', { successStatus: [3] }, false],
  ['depends_on', { needs: [{ process: 'db', until: 'ready' }] }, false],
  ['ready', { ready: { checks: [] } }, false],
  ['stop_signal', { stop: { signal: 'SIGINT' } }, false],
  ['pre_start', { hooks: { preStart: { command: 'x', timeoutMs: 1 } } }, false],
  ['schedule', { schedule: { cron: '* * * * *', overlap: 'skip' } }, false],
])('another %s in its plan', (_, keys, isChange) => {
  const before = instance('web.1');
  const after = { ...before, plan: { ...before.plan, ...keys } };
  expect(planDifference([before], [after]).changed).toEqual(isChange ? ['web.1'] : []);
});

describe('variables that all have in common', () => {
  const compared = (
    before: Readonly<Record<string, string>>,
    after: Readonly<Record<string, string>>,
    own: Readonly<Record<string, string>> = {},
  ) => {
    const web = (common: Readonly<Record<string, string>>) => ({
      ...instance('web.1'),
      env: { common, own },
    });
    return planDifference([web(before)], [web(after)]).changed.length > 0 ? 'changed' : 'same';
  };

  test.each<[string, Parameters<typeof compared>, string]>([
    ['as before', [{ A: '1' }, { A: '1' }], 'same'],
    ['another value', [{ A: '1' }, { A: '2' }], 'changed'],
    ['one more', [{}, { A: '' }], 'changed'],
    ['one less', [{ A: '' }, {}], 'changed'],
    ['another value of one that is overridden', [{ A: '1' }, { A: '2' }, { A: '3' }], 'same'],
    [
      'one that is overridden before one that is not',
      [{ A: '1', B: '1' }, { A: '2', B: '2' }, { A: '3' }],
      'changed',
    ],
    ['__proto__', [{}, JSON.parse('{"__proto__": "x"}') as Record<string, string>], 'changed'],
  ])('%s', (_, [before, after, own], expected) => {
    expect(compared(before, after, own)).toBe(expected);
  });

  test('move to one instance without any change of what it is given', () => {
    const web = (common: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>) => ({
      ...instance('web.1'),
      env: { common, own },
    });
    expect(planDifference([web({ A: '1' }, {})], [web({}, { A: '1' })]).same).toEqual(['web.1']);
    expect(planDifference([web({ A: '1' }, {})], [web({}, { A: '2' })]).changed).toEqual(['web.1']);
  });
});

test('another policy, time limit or need is no reason to start anew', () => {
  const [was, is] = [instance('web.1'), instance('web.1')];
  const needs = [{ process: 'db', until: 'ready' }] as const;
  const plan = { ...is.plan, restart: { mode: 'always' }, stop: { timeoutMs: 1 }, needs } as const;
  expect(planDifference([was], [{ ...is, plan }]).same).toEqual(['web.1']);
});

test('the port of a process that comes or goes changes nobody; that of one that stays does', () => {
  const env = (ports: Record<string, string>) => ({ env: { A: '1', ...ports } });
  const web = (ports: Record<string, string>) => instance('web.1', env(ports));
  const [gone, come] = [instance('old.1'), instance('my-new.1')];
  const before = [web({ PROCSUP_WEB_PORT: '5000', PROCSUP_OLD_PORT: '5100' }), gone];
  const after = [web({ PROCSUP_WEB_PORT: '5000', PROCSUP_MY_NEW_PORT: '5100' }), come];
  expect(planDifference(before, after).same).toEqual(['web.1']);
  expect(planDifference(before, [web({ PROCSUP_WEB_PORT: '5200' })]).changed).toEqual(['web.1']);
});
