/** Planning is linear in instances, processes and names: ten times as many may cost ten times the looks, not a hundred. */
import { describe, expect, test } from 'vitest';
import { readProcfile } from '../../../src/config/procfile.ts';
import { allInstances, procfileProcesses, type AppSpec } from '../../../src/core/plan/app-spec.ts';
import { planDifference } from '../../../src/core/plan/difference.ts';
import { parseFormation } from '../../../src/core/plan/formation.ts';
import { portProblems } from '../../../src/core/plan/instances.ts';
import { planApp, type PlanInput } from '../../../src/core/plan/plan-app.ts';
import { selectInstances } from '../../../src/core/plan/select.ts';
import { counted } from '../../helpers/counted.ts';
import { fakeInstance } from '../../helpers/fake-instance.ts';

const PROCESSES = Array.from({ length: 10 }, (_, index) => `p${String(index)}`);
const PROCFILE = readProcfile(PROCESSES.map((name) => `${name}: run`).join('\n'), 'Procfile');
const FEW = 200;
const MANY = 2_000;

function plan(instances: number, some: Partial<PlanInput> = {}): AppSpec {
  const formation = `all=${String(instances / PROCESSES.length)}`;
  const input = { root: '/', envFiles: [], realEnv: { A: '1' }, procfile: PROCFILE, formation };
  return planApp({ ...input, ...some }).value ?? expect.fail('no plan');
}

const fakeInstances = (size: number) =>
  Array.from({ length: size }, (_, index) => fakeInstance(`web.${String(index + 1)}`, { port: index + 1 }));

test('10,000 instances are planned; what their environments have in common is there once', () => {
  const { instances, environment } = plan(10_000);
  expect(instances).toHaveLength(10_000);
  expect(Object.keys(environment)).toContain('PROCSUP_P9_PORT');
  expect(new Set(instances.map(({ env }) => env.common))).toEqual(new Set([environment]));
  expect(new Set(instances.map(({ env }) => env.common)).size).toBe(1);
  expect(new Set(instances.map(({ env }) => Object.keys(env.own).length))).toEqual(new Set([4]));
});

describe('looks at', () => {
  /** What is looked into; how often, by the number of instances. */
  type Row = readonly [what: string, looksFor: (size: number) => number];

  const constant: readonly Row[] = [
    [
      'the real environment by a plan',
      (size) => {
        const env = counted({ A: '1', B: '2' });
        plan(size, { realEnv: env.value });
        return env.looks();
      },
    ],
    [
      'the common environments of two plans by their difference',
      (size) => {
        const [before, after] = [plan(size), plan(size)].map((app) => {
          const common = counted(app.environment);
          const env = app.instances.map((instance) => ({
            ...instance,
            env: { ...instance.env, common: common.value },
          }));
          return { common, env };
        });
        expect(planDifference(before?.env ?? [], after?.env ?? []).same).toHaveLength(size);
        return (before?.common.looks() ?? 0) + (after?.common.looks() ?? 0);
      },
    ],
  ];

  const linear: readonly Row[] = [
    [
      'the names that are to be started',
      (size) => {
        const [first = '', ...others] = PROCESSES;
        const names = counted([...Array.from({ length: size }, () => first), ...others]);
        plan(size, { names: names.value });
        return names.looks();
      },
    ],
    [
      'unknown names that are to be started',
      (size) => {
        const names = counted(
          Array.from({ length: size }, (_, index) => `${'x'.repeat(70)}${String(index)}`),
        );
        planApp({ root: '/', envFiles: [], realEnv: {}, procfile: PROCFILE, names: names.value });
        return names.looks();
      },
    ],
    [
      'the instances of two plans by their difference',
      (size) => {
        const [before, after] = [plan(size), plan(size)].map((app) => counted(allInstances(app)));
        const { same } = planDifference(before?.value ?? [], after?.value ?? []);
        expect(same).toHaveLength(size);
        return (before?.looks() ?? 0) + (after?.looks() ?? 0);
      },
    ],
    [
      'all instances, sorted',
      (size) => {
        const app = plan(size, { names: PROCESSES.filter((_, index) => index % 2 === 0) });
        const instances = counted(app.instances);
        const others = counted(app.others);
        expect(allInstances({ ...app, instances: instances.value, others: others.value })).toHaveLength(size);
        return instances.looks() + others.looks();
      },
    ],
    [
      'words and instances by a selection',
      (size) => {
        const instances = fakeInstances(size);
        const words = counted(instances.map(({ name }) => name));
        const list = counted(instances);
        expect(selectInstances(words.value, list.value, ['web']).names).toHaveLength(size);
        return words.looks() + list.looks();
      },
    ],
    [
      'instances by the search for shared ports',
      (size) => {
        const list = counted(fakeInstances(size));
        expect(portProblems(list.value, 5000)).toEqual([]);
        return list.looks();
      },
    ],
    [
      'processes by a formation that names each',
      (size) => {
        const names = Array.from({ length: size }, (_, index) => `p${String(index)}`);
        const plans = counted(names.map((name) => ({ name, instances: 1 })));
        const { value } = parseFormation(names.map((name) => `${name}=2`).join(','), plans.value);
        expect(value?.size).toBe(size);
        return plans.looks();
      },
    ],
    [
      'pipelines by the question for processes that are none',
      (size) => {
        const processes = Array.from({ length: size }, (_, index) => `p${String(index)}`);
        const pipelines = counted(processes.slice(size / 2));
        const app = { ...plan(FEW), processes, pipelines: pipelines.value };
        expect(procfileProcesses(app)).toHaveLength(size / 2);
        return pipelines.looks();
      },
    ],
  ];

  test.each(constant)('%s: the same for many', (_, looksFor) => {
    expect(looksFor(FEW)).toBeGreaterThan(0);
    expect(looksFor(MANY)).toBe(looksFor(FEW));
  });

  test.each(linear)('%s: not more for each', (_, looksFor) => {
    const few = looksFor(FEW);
    expect(few).toBeGreaterThan(0);
    expect(looksFor(MANY)).toBeLessThanOrEqual(few * (MANY / FEW) * 1.1);
  });
});
