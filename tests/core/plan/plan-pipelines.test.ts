import { describe, expect, test } from 'vitest';
import { readProcfile } from '../../../src/config/procfile.ts';
import { allInstances } from '../../../src/core/plan/app-spec.ts';
import { planApp, type PlanInput } from '../../../src/core/plan/plan-app.ts';
import { stagePlan, type StagePlan } from '../../../src/core/plan/process-plan.ts';
import type { PlanReading } from '../../../src/core/plan/sources.ts';

const placeOf = (name: string) => ({
  file: 'procsup.yaml',
  line: 2,
  column: 3,
  length: name.length,
  text: `  ${name}:`,
});
const stage = (pipeline: string, name: string, some: Partial<StagePlan> = {}): StagePlan =>
  stagePlan(pipeline, name, {
    command: `run ${name}`,
    script: `exec run ${name}`,
    joinsStderr: false,
    place: placeOf(name),
    ...some,
  });

const INGEST_1 = stage('ingest', '1', { joinsStderr: true });
const INGEST_PARSE = stage('ingest', 'parse', { restart: { mode: 'always' }, drainMs: 100 });
const APP_FILE: PlanReading = {
  file: 'procsup.yaml',
  processes: [INGEST_1, INGEST_PARSE, stage('short', '1')],
  pipelines: ['ingest', 'short'].map((name) => ({ name, place: placeOf(name) })),
  problems: [],
};
const plan = (some: Partial<PlanInput> & { text?: string } = {}) =>
  planApp({
    root: '/app',
    procfile: readProcfile(some.text ?? 'web: node a\nworker: node b', 'Procfile'),
    appFile: APP_FILE,
    envFiles: [],
    realEnv: { HOME: '/home/x' },
    ...some,
  });
const codes = (some: Partial<PlanInput> & { text?: string }) => plan(some).problems.map(({ code }) => code);
const names = (instances: readonly { readonly name: string }[] = []) => instances.map(({ name }) => name);

test('stages are instances', () => {
  const { value, problems } = plan();
  expect(problems).toEqual([]);
  expect(value?.processes).toEqual(['web', 'worker', 'ingest', 'short']);
  expect(value?.pipelines).toEqual(['ingest', 'short']);
  expect(names(value?.instances)).toEqual(['web.1', 'worker.1', 'ingest/1', 'ingest/parse', 'short/1']);
  const common = { HOME: '/home/x', PROCSUP_WEB_PORT: '5000', PROCSUP_WORKER_PORT: '5100' };
  expect(value?.environment).toEqual(common);
  const own = { process: 'ingest', index: 2 };
  expect(value?.instances.filter(({ process }) => process === 'ingest')).toEqual([
    {
      ...own,
      name: 'ingest/1',
      instance: 1,
      command: 'run 1',
      script: 'exec run 1',
      port: 5200,
      env: {
        common,
        own: { PORT: '5200', PS: 'ingest/1', PROCSUP_PROCESS: 'ingest', PROCSUP_INSTANCE: '1' },
      },
      plan: INGEST_1,
      stage: { upstream: null, downstream: 'ingest/parse', joinsStderr: true },
    },
    {
      ...own,
      name: 'ingest/parse',
      instance: 2,
      command: 'run parse',
      script: 'exec run parse',
      port: 5201,
      env: {
        common,
        own: { PORT: '5201', PS: 'ingest/parse', PROCSUP_PROCESS: 'ingest', PROCSUP_INSTANCE: '2' },
      },
      plan: INGEST_PARSE,
      stage: { upstream: 'ingest/1', downstream: null, joinsStderr: false },
    },
  ]);
  expect(value?.instances[0]).not.toHaveProperty('stage');
});

test('a pipeline of one stage has no neighbours', () => {
  expect(plan().value?.instances.at(-1)?.stage).toMatchObject({ upstream: null, downstream: null });
});

describe('what is started', () => {
  test.each<[Partial<PlanInput>, string[]]>([
    [{ names: ['ingest'] }, ['ingest/1', 'ingest/parse']],
    [{ names: ['short', 'web'] }, ['web.1', 'short/1']],
    [
      { formation: 'all=2' },
      ['web.1', 'web.2', 'worker.1', 'worker.2', 'ingest/1', 'ingest/parse', 'short/1'],
    ],
    [{ formation: 'all=0' }, ['ingest/1', 'ingest/parse', 'short/1']],
    [{ names: ['ingest'], formation: 'all=0' }, ['ingest/1', 'ingest/parse']],
  ])('%j', (some, expected) => {
    const { value, problems } = plan(some);
    expect(problems).toEqual([]);
    expect(names(value?.instances)).toEqual(expected);
  });

  test('what was not named is among the others', () => {
    const { value } = plan({ names: ['web', 'short'] });
    expect(names(value?.others)).toEqual(['worker.1', 'ingest/1', 'ingest/parse']);
    expect(names(value && allInstances(value))).toEqual([
      ...['web.1', 'worker.1', 'ingest/1', 'ingest/parse', 'short/1'],
    ]);
  });

  test('without a Procfile pipelines are counted from the first place on', () => {
    const { value, problems } = plan({ procfile: 'none' });
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ procfile: null, processes: ['ingest', 'short'] });
    expect(value?.instances.map(({ index, port }) => [index, port])).toEqual([
      [0, 5000],
      [0, 5001],
      [1, 5100],
    ]);
  });
});

describe('problems', () => {
  test.each<[Partial<PlanInput> & { text?: string }, string[]]>([
    [{ names: ['ingset'] }, ['unknown-process']],
    [{ names: ['ingest/1'] }, ['unknown-process']],
    [{ procfile: 'none', names: ['web'] }, ['unknown-process']],
    [{ procfile: undefined, names: ['web'], formation: 'web=2' }, []],
    [{ formation: 'ingest=2' }, ['formation-pipeline']],
    [{ formation: 'ingest=1' }, ['formation-pipeline']],
    [{ procfile: 'none', formation: 'web=2' }, ['formation-unknown-name']],
    [{ names: ['web'], formation: 'web=0' }, ['formation-empty']],
    [{ names: ['web', 'short'], formation: 'web=0' }, []],
    [{ text: '' }, ['procfile-empty']],
    [{ text: 'web: x\ningest: y' }, ['app-file-name-taken']],
    [{ port: '65400' }, ['port-too-high']],
    [{ port: '65400', names: ['web'] }, []],
  ])('%j', (some, expected) => {
    expect(codes(some)).toEqual(expected);
  });

  test('a name that is taken tells both places', () => {
    expect(plan({ text: 'web: x\ningest: y' }).problems).toEqual([
      {
        code: 'app-file-name-taken',
        severity: 'error',
        message: "duplicate name 'ingest': it is also a process (Procfile:2)",
        place: placeOf('ingest'),
        remedy: 'rename the pipeline or the process',
      },
    ]);
  });

  test('an unknown name tells what there is of both sorts', () => {
    expect(plan({ names: ['ingset'] }).problems[0]).toMatchObject({
      message: "unknown process or pipeline 'ingset'",
      remedy: "did you mean 'ingest'? the Procfile has web, worker; procsup.yaml has ingest, short",
    });
  });

  test('a pipeline that is counted tells why that cannot be', () => {
    expect(plan({ formation: 'web=2, ingest=2' }).problems).toEqual([
      {
        code: 'formation-pipeline',
        severity: 'error',
        message: "cannot set a number of instances for pipeline 'ingest'",
        remedy: 'set it only for processes of the Procfile',
        place: { file: '--formation', line: 1, column: 8, length: 8, text: 'web=2, ingest=2' },
      },
    ]);
  });

  test('names are not judged where the file could not be read', () => {
    const problem = { code: 'app-file-syntax', severity: 'error', message: 'm' } as const;
    const unreadable = { ...APP_FILE, processes: undefined, pipelines: [], problems: [problem] };
    expect(codes({ names: ['ingest'], appFile: unreadable })).toEqual(['app-file-syntax']);
    expect(codes({ names: ['ingest', 'web'], formation: 'web=0', appFile: unreadable })).toEqual([
      'app-file-syntax',
    ]);
    expect(plan({ appFile: unreadable }).value).toBeUndefined();
  });
});
