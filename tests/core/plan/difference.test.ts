import { expect, test } from 'vitest';
import type { InstanceSpec } from '../../../src/core/plan/app-spec.ts';
import { planDifference } from '../../../src/core/plan/difference.ts';

function instance(name: string, some: Partial<InstanceSpec> = {}): InstanceSpec {
  const [process = ''] = name.split('.');
  const what = { command: `run ${name}`, script: `exec run ${name}`, env: { A: '1' }, ...some };
  return { name, process, instance: 1, index: 0, port: 5000, ...what };
}

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

test.each<[string, Partial<InstanceSpec>, boolean]>([
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

test('the port of a process that comes or goes changes nobody; that of one that stays does', () => {
  const env = (ports: Record<string, string>) => ({ env: { A: '1', ...ports } });
  const web = (ports: Record<string, string>) => instance('web.1', env(ports));
  const [gone, come] = [instance('old.1'), instance('my-new.1')];
  const before = [web({ PROCSUP_WEB_PORT: '5000', PROCSUP_OLD_PORT: '5100' }), gone];
  const after = [web({ PROCSUP_WEB_PORT: '5000', PROCSUP_MY_NEW_PORT: '5100' }), come];
  expect(planDifference(before, after).same).toEqual(['web.1']);
  expect(planDifference(before, [web({ PROCSUP_WEB_PORT: '5200' })]).changed).toEqual(['web.1']);
});
