/** What processes need of each other: problems of the plan, and what a start is about. */
import { describe, expect, test } from 'vitest';
import { readAppFileText } from '../../../src/config/read-app-file.ts';
import { readProcfile } from '../../../src/config/procfile.ts';
import { planApp, type PlanInput } from '../../../src/core/plan/plan-app.ts';

const plan = (yaml: string, more: Partial<PlanInput> = {}, procfile?: string) =>
  planApp({
    ...{ root: '/', envFiles: [], realEnv: {} },
    procfile: procfile === undefined ? 'none' : readProcfile(procfile, 'Procfile'),
    appFile: readAppFileText('procsup.yaml', { ok: true, text: yaml }),
    ...more,
  });
const messages = (yaml: string, more?: Partial<PlanInput>, procfile?: string) =>
  plan(yaml, more, procfile).problems.map(({ message, place }) => [
    message,
    place && `${place.file}:${String(place.line)}`,
  ]);
const planned = (yaml: string, more?: Partial<PlanInput>, procfile?: string) => {
  const { value, problems } = plan(yaml, more, procfile);
  return value ?? expect.fail(JSON.stringify(problems));
};
const started = (yaml: string, more?: Partial<PlanInput>, procfile?: string) =>
  planned(yaml, more, procfile).instances.map(({ name }) => name);

const process = (name: string, keys = '') => `  ${name}: {command: run-${name}, ${keys}}\n`;
const processes = (...some: readonly string[]) => `processes:\n${some.join('')}`;

describe('problems', () => {
  test('a task, with what does the same', () => {
    const yaml = `${processes(process('web', 'depends_on: [build]'))}tasks: {build: make}\n`;
    expect(plan(yaml).problems).toMatchObject([
      {
        code: 'needs-task',
        message: "'web' depends on the task 'build'",
        place: { line: 2, column: 40 },
        remedy: "run it first with 'pre_start: procsup task build'",
      },
    ]);
  });

  test('an unknown name, with what is meant', () => {
    const { problems } = plan(processes(process('web', 'depends_on: [dbb]'), process('db')));
    expect(problems).toMatchObject([
      {
        code: 'needs-unknown-process',
        message: "'web' depends on the unknown process 'dbb'",
        place: { line: 2, column: 40 },
        remedy: "did you mean 'db'?",
      },
    ]);
  });

  test('each cycle, with all places', () => {
    const yaml = processes(
      process('a', 'depends_on: [b]'),
      process('b', 'depends_on: {c: started}'),
      process('c', 'depends_on: [a, d]'),
      process('d', 'depends_on: [d]'),
    );
    expect(messages(yaml)).toEqual([
      ['dependency cycle: a -> b -> c -> a (also procsup.yaml:3, procsup.yaml:4)', 'procsup.yaml:2'],
      ["'d' depends on itself", 'procsup.yaml:5'],
    ]);
  });

  test('a pipeline and a process of the Procfile can be needed', () => {
    const yaml = `${processes('  web: {depends_on: [db, ingest]}\n')}pipelines: {ingest: a | b}\n`;
    expect(messages(yaml, {}, 'web: x\ndb: y')).toEqual([]);
  });

  test('a command here and in the Procfile', () => {
    expect(messages(processes(process('web')), {}, '# first\nweb: x')).toEqual([
      ["'web' has a second command: the first one is in Procfile:2", 'procsup.yaml:2'],
    ]);
  });

  test('a process without any command', () => {
    expect(messages(processes('  web: {tty: true}\n', process('b')))).toEqual([
      ["unknown process 'web'", 'procsup.yaml:2'],
    ]);
  });

  test('a pipeline of the same name', () => {
    expect(messages(`${processes(process('web'))}pipelines: {web: a | b}\n`)).toEqual([
      ["duplicate name 'web': it is also a process (procsup.yaml:2)", 'procsup.yaml:3'],
    ]);
  });
});

describe('a start is about', () => {
  const yaml = processes(
    process('web', 'depends_on: {db: ready, mail: {required: false}}'),
    process('db', 'depends_on: [disk]'),
    process('disk', 'autostart: false'),
    process('mail', 'profiles: [dev]'),
    process('e2e', 'profiles: [test, dev], depends_on: [web]'),
    process('console', 'autostart: false'),
  );

  test.each<[string, Partial<PlanInput>, string]>([
    ['what neither a profile nor autostart keeps back, and what that needs', {}, 'web db disk'],
    ['a profile as well', { profiles: ['dev'] }, 'web db disk mail e2e'],
    ['profiles by a pattern', { profiles: ['*'] }, 'web db disk mail e2e'],
    ['the named ones and their needs', { names: ['db'] }, 'db disk'],
    ['the named one, whatever its profile', { names: ['e2e'] }, 'web db disk e2e'],
    ['the named one, although it does not start by itself', { names: ['console'] }, 'console'],
    ['the named one alone', { names: ['web'], noDeps: true }, 'web'],
    ['all but the excluded ones', { exclude: ['db'] }, 'web'],
  ])('%s', (_, more, expected) => {
    expect(started(yaml, more).join(' ')).toBe(
      expected
        .split(' ')
        .map((name) => `${name}.1`)
        .join(' '),
    );
  });

  test('what has a schedule only where it is named, or says so itself', () => {
    const scheduled = processes(
      process('web'),
      process('nightly', 'schedule: "0 3 * * *"'),
      process('sync', 'schedule: "0 * * * *", autostart: true'),
    );
    expect(started(scheduled)).toEqual(['web.1', 'sync.1']);
    expect(started(scheduled, { names: ['nightly'] })).toEqual(['nightly.1']);
    expect(messages(processes(process('nightly', 'schedule: "0 3 * * *"')))).toEqual([]);
  });

  test('a schedule is in force unless its process is left out', () => {
    const yaml = processes(process('web'), process('nightly', 'schedule: "0 3 * * *", profiles: [prod]'));
    const isInForce = (more: Partial<PlanInput>): boolean =>
      planned(yaml, more).others.some(({ plan: one }) => one.kind !== 'stage' && one.schedule !== undefined);
    expect(isInForce({})).toBe(false);
    expect(isInForce({ profiles: ['prod'] })).toBe(true);
    expect(isInForce({ profiles: ['prod'], names: ['web'] })).toBe(false);
    expect(isInForce({ profiles: ['prod'], exclude: ['nightly'] })).toBe(false);
  });

  test('what is left out is not waited for', () => {
    const needsOf = (more: Partial<PlanInput>) =>
      planned(yaml, more)
        .instances.find(({ name }) => name === 'web.1')
        ?.plan.needs.map(({ process }) => process);
    expect(needsOf({})).toEqual(['db', 'mail']);
    expect(needsOf({ names: ['web'], noDeps: true })).toEqual([]);
    expect(needsOf({ exclude: ['db'] })).toEqual(['mail']);
  });

  test('nothing, if all are kept back', () => {
    const kept = processes(process('web', 'profiles: [dev]'));
    expect(messages(kept).map(([message]) => message)).toEqual([
      "nothing to start: every process has a profile that is not active, or 'autostart: false'",
    ]);
    expect(messages(kept, { mayBeEmpty: true })).toEqual([]);
  });

  test('an unknown profile is told', () => {
    expect(plan(yaml, { profiles: ['dve'] }).problems).toMatchObject([
      { severity: 'warning', message: "unknown profile 'dve'", remedy: "did you mean 'dev'?" },
    ]);
  });
});

test('a task is ready when it has succeeded', () => {
  const yaml = processes(
    process('web', 'depends_on: {migrate: ready, db: ready, seed: started}'),
    process('migrate', 'kind: task'),
    process('seed', 'kind: task'),
    process('db'),
  );
  expect(planned(yaml).instances[0]?.plan.needs.map(({ until }) => until)).toEqual([
    'succeeded',
    'ready',
    'started',
  ]);
});

test('the Procfile comes first, then processes in the order of procsup.yaml, then pipelines', () => {
  const yaml = `${processes(process('db'), '  worker: {tty: true}\n', process('api'))}pipelines: {ingest: a | b}\n`;
  const { instances, processes: names } = planned(yaml, {}, 'web: x\nworker: y');
  expect(names).toEqual(['web', 'worker', 'db', 'api', 'ingest']);
  expect(instances.map(({ name, port }) => [name, port])).toEqual([
    ['web.1', 5_000],
    ['worker.1', 5_100],
    ['db.1', 5_200],
    ['api.1', 5_300],
    ['ingest/1', 5_400],
    ['ingest/2', 5_401],
  ]);
});

describe('defaults', () => {
  const yaml = `defaults: {restart: always, stop_signal: INT, instances: 2, environment: {A: x, B: x}}
${processes(process('web', 'restart: never, stop_grace_period: 1s, environment: {B: y}'))}pipelines: {p: a}\n`;

  test('hold for each process that says nothing itself, key by key', () => {
    const { instances } = planned(yaml, {}, 'worker: x');
    const plans = new Map(instances.map(({ process: name, plan: one }) => [name, one]));
    expect(plans.get('worker')).toMatchObject({ restart: { mode: 'always' }, stop: { signal: 'SIGINT' } });
    expect(plans.get('web')).toMatchObject({
      restart: { mode: 'never' },
      stop: { signal: 'SIGINT', timeoutMs: 1_000 },
      environment: { A: 'x', B: 'y' },
    });
    expect(plans.get('p')).not.toHaveProperty('restart');
    expect(instances.map(({ name }) => name)).toEqual(['worker.1', 'worker.2', 'web.1', 'web.2', 'p/1']);
  });

  test('of instances: the formation wins', () => {
    expect(started(yaml, { formation: 'web=1' }, 'worker: x')).toEqual([
      'worker.1',
      'worker.2',
      'web.1',
      'p/1',
    ]);
  });
});

describe('a PORT of its own', () => {
  test('is that of its first instance, in all environments', () => {
    const yaml = processes(process('web', 'instances: 2, environment: {PORT: 3000}'), process('db'));
    const { instances, environment } = planned(yaml);
    expect(instances.map(({ port, env }) => [port, env.own['PORT']])).toEqual([
      [3_000, '3000'],
      [3_001, '3001'],
      [5_100, '5100'],
    ]);
    expect(environment['PROCSUP_WEB_PORT']).toBe('3000');
  });

  test('must be one', () => {
    expect(messages(processes(process('web', 'environment: {PORT: x}')))).toEqual([
      ["invalid port 'x'", 'procsup.yaml:2'],
    ]);
  });
});
