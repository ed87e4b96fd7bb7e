import { describe, expect, test } from 'vitest';
import { readProcfile } from '../../../src/config/procfile.ts';
import { allInstances } from '../../../src/core/plan/app-spec.ts';
import { planApp, type PlanInput } from '../../../src/core/plan/plan-app.ts';

const plan = (some: Partial<PlanInput> & { text?: string }) =>
  planApp({
    root: '/app',
    procfile: readProcfile(some.text ?? 'web: node a\nworker: node b\nclock: a; b', 'Procfile'),
    envFiles: [],
    realEnv: { HOME: '/home/x' },
    ...some,
  });
const names = (some: Partial<PlanInput>) => plan(some).value?.instances.map(({ name, port }) => [name, port]);

test('a plan in full', () => {
  const envFile = { file: '.env', text: '', values: { B: '2', A: '1' }, problems: [] };
  expect(plan({ text: 'web: node a', envFiles: [envFile] })).toEqual({
    problems: [],
    value: {
      root: '/app',
      procfile: 'Procfile',
      envFiles: ['.env'],
      envFileVariables: ['A', 'B'],
      processes: ['web'],
      pipelines: [],
      pools: [],
      portBase: 5000,
      environment: { HOME: '/home/x', A: '1', B: '2', PROCSUP_WEB_PORT: '5000' },
      comforting: {},
      instances: [
        {
          name: 'web.1',
          process: 'web',
          instance: 1,
          index: 0,
          command: 'node a',
          script: 'exec node a',
          port: 5000,
          env: {
            common: { HOME: '/home/x', A: '1', B: '2', PROCSUP_WEB_PORT: '5000' },
            own: { PORT: '5000', PS: 'web.1', PROCSUP_PROCESS: 'web', PROCSUP_INSTANCE: '1' },
          },
          plan: {
            ...{ kind: 'service', name: 'web', command: 'node a', script: 'exec node a', instances: 1 },
            ...{ environment: {}, needs: [] },
            place: { file: 'Procfile', line: 1, column: 1, length: 3, text: 'web: node a' },
          },
        },
      ],
      others: [],
    },
  });
});

test('what was not selected is known all the same, with its own port', () => {
  const { value } = plan({ names: ['worker'], formation: 'clock=2' });
  const portsOf = (instances: readonly { name: string; port: number }[] = []) =>
    instances.map(({ name, port }) => [name, port]);
  expect(portsOf(value?.instances)).toEqual([['worker.1', 5100]]);
  expect(portsOf(value?.others)).toEqual([
    ['web.1', 5000],
    ['clock.1', 5200],
    ['clock.2', 5201],
  ]);
  expect(portsOf(value && allInstances(value)).map(([name]) => name)).toEqual([
    'web.1',
    'worker.1',
    'clock.1',
    'clock.2',
  ]);
});

test('a formation of nobody will do where something runs already', () => {
  const nobody = { formation: 'all=0' };
  expect(plan(nobody).problems.map(({ code }) => code)).toEqual(['formation-empty']);
  expect(plan({ ...nobody, mayBeEmpty: true })).toMatchObject({ problems: [], value: { instances: [] } });
});

describe('what is started', () => {
  test.each([
    [
      {},
      [
        ['web.1', 5000],
        ['worker.1', 5100],
        ['clock.1', 5200],
      ],
    ],
    [
      { names: [] },
      [
        ['web.1', 5000],
        ['worker.1', 5100],
        ['clock.1', 5200],
      ],
    ],
    [
      { names: ['clock', 'web', 'clock'] },
      [
        ['web.1', 5000],
        ['clock.1', 5200],
      ],
    ],
    [
      { formation: 'web=2,all=0', port: '80' },
      [
        ['web.1', 80],
        ['web.2', 81],
      ],
    ],
    [
      { names: ['worker'], formation: 'all=2' },
      [
        ['worker.1', 5100],
        ['worker.2', 5101],
      ],
    ],
  ])('%j', (some, expected) => {
    expect(names(some)).toEqual(expected);
  });

  test('every process has its port variable, whatever is selected', () => {
    expect(plan({ names: ['clock'] }).value?.instances[0]?.env).toMatchObject({
      common: { PROCSUP_WEB_PORT: '5000', PROCSUP_WORKER_PORT: '5100', PROCSUP_CLOCK_PORT: '5200' },
      own: { PORT: '5200' },
    });
  });
});

describe('problems', () => {
  test.each([
    [{ names: ['wbe'] }, ['unknown-process']],
    [{ names: ['wbe', 'wbe', 'x'] }, ['unknown-process', 'unknown-process']],
    [{ names: ['web.1'] }, ['unknown-process']],
    [{ names: ['toString'] }, ['unknown-process']],
    [{ names: ['w*'] }, []],
    [{ names: ['x*'] }, ['unknown-process']],
    [{ exclude: ['worker'] }, []],
    [{ exclude: ['wroker'] }, ['unknown-process']],
    [{ exclude: ['*'] }, ['all-excluded']],
    [{ names: ['web'], exclude: ['w*'] }, ['all-excluded']],
    [{ formation: 'all=0' }, ['formation-empty']],
    [{ names: ['web'], formation: 'web=0' }, ['formation-empty']],
    [{ port: '65500' }, ['port-too-high']],
    [{ port: '65500', names: ['web'] }, []],
    [{ formation: 'web=101' }, ['port-shared']],
    [{ formation: 'web=101,worker=0' }, []],
    [{ text: 'a-b: x\na_b: y' }, ['port-variable-shared']],
    [{ procfile: undefined, names: ['x'], formation: 'y=1', port: 'z' }, ['port-invalid']],
    [{ text: '', names: ['x'], formation: 'y=1' }, ['procfile-empty']],
  ])('%j', (some, codes) => {
    expect(plan(some).problems.map(({ code }) => code)).toEqual(codes);
  });

  test('of all inputs come at once, and there is no plan', () => {
    const problem = { code: 'env-file-dead-line', severity: 'warning', message: 'm' } as const;
    const { value, problems } = plan({
      text: 'web: a\nweb: b\noops',
      envFiles: [{ file: '.env', text: 'x', values: {}, problems: [problem] }],
      names: ['wroker'],
      formation: 'web=x',
      port: 'y',
    });
    expect(value).toBeUndefined();
    expect(problems.map(({ code }) => code)).toEqual([
      'procfile-duplicate-name',
      'procfile-ignored-line',
      'env-file-dead-line',
      'unknown-process',
      'formation-count',
      'port-invalid',
    ]);
  });

  test.each([
    [{ names: ['w*'] }, ['web', 'worker']],
    [{ exclude: ['worker'] }, ['web', 'clock']],
    [{ names: ['w*', 'clock'], exclude: ['*er'] }, ['web', 'clock']],
  ])('%j starts %j', (some, chosen) => {
    expect(plan(some).value?.instances.map(({ process }) => process)).toEqual(chosen);
  });

  test('a pattern that matches nothing, and the file of a program, tell what there is', () => {
    expect(plan({ names: ['x*'] }).problems[0]).toMatchObject({
      message: "no process matches 'x*'",
      remedy: 'the Procfile has web, worker, clock',
    });
    expect(plan({ names: ['app.js'] }).problems[0]?.remedy).toMatch(
      /^add 'app: node app.js' to the Procfile/,
    );
  });

  test('an unknown name tells what was meant and what there is', () => {
    expect(plan({ names: ['wbe'] }).problems[0]).toEqual({
      code: 'unknown-process',
      severity: 'error',
      message: "unknown process 'wbe'",
      remedy: "did you mean 'web'? the Procfile has web, worker, clock",
    });
    expect(plan({ names: ['zzzzzz'] }).problems[0]?.remedy).toBe('the Procfile has web, worker, clock');
  });

  test('warnings leave the plan as it is', () => {
    expect(plan({ text: 'web: a\noops' }).value?.processes).toEqual(['web']);
  });
});
