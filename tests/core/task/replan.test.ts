import { describe, expect, test } from 'vitest';
import { graphOf } from '../../../src/core/task/graph.ts';
import { changedTasks, type TaskPlan } from '../../../src/core/task/replan.ts';
import type { Task } from '../../../src/core/task/task.ts';
import { taskOf } from '../../helpers/tasks.ts';

const place = { file: 'procsup.yaml', line: 7, column: 3, length: 1, text: 'x' };
const needs = (...names: readonly string[]) => names.map((name) => ({ kind: 'task', name, place }) as const);

const GEN = taskOf({ name: 'gen', inputs: ['api'], outputs: ['gen'], env: ['MODE', 'VITE_*'] });
const BUILD = taskOf({ name: 'build', needs: needs('gen'), inputs: ['src'], outputs: ['dist'] });
const LINT = taskOf({ name: 'lint', command: 'eslint .' });
const ALL = taskOf({ name: 'all', needs: needs('build', 'lint') });

const ENVIRONMENT = { PATH: '/bin', MODE: 'dev' };

const plan = (
  tasks: readonly Task[],
  environment: Readonly<Record<string, string>> = ENVIRONMENT,
  args: readonly string[] = [],
): TaskPlan => ({ graph: graphOf(tasks), argsOf: () => args, environment });

const BEFORE = [GEN, BUILD, LINT, ALL];
const GOOD = new Set(['gen', 'build', 'lint', 'all']);

function changed(now: TaskPlan, good: ReadonlySet<string> = GOOD): readonly string[] {
  const found = changedTasks(plan(BEFORE), now, good);
  return now.graph.flatMap(({ task }, index) => (found.has(index) ? [task.name] : [])).sort();
}

/** With `gen` as it is then. */
const withGen = (fields: Partial<Task>): TaskPlan => plan([{ ...GEN, ...fields }, BUILD, LINT, ALL]);

const AFTER_GEN = ['all', 'build', 'gen'];

describe('what its result depends on concerns a task, and all that depend on it', () => {
  test.each<[string, Partial<Task>]>([
    ['command', { command: 'false' }],
    ['working directory', { workingDir: '/app/sub' }],
    ['inputs', { inputs: ['api', 'more'] }],
    ['outputs', { outputs: [] }],
    ['own variable', { environment: { A: '1' } }],
    ['variable that is taken away', { environment: { A: undefined } }],
    ['variable of its own file', { fileVariables: { A: '1' } }],
    ['tool', { tools: ['node --version'] }],
    ['terminal', { interactive: true }],
    ['process', { needs: [{ kind: 'process', name: 'db', until: 'ready', place }] }],
  ])('%s', (_, fields) => {
    expect(changed(withGen(fields))).toEqual(AFTER_GEN);
  });

  test('how far a process must be', () => {
    const needing = (until: 'started' | 'ready') =>
      plan([{ ...LINT, needs: [{ kind: 'process', name: 'db', until, place }] }]);
    const found = changedTasks(needing('started'), needing('ready'), GOOD);
    expect([...found]).toEqual([0]);
    expect(changedTasks(needing('ready'), needing('ready'), GOOD).size).toBe(0);
  });

  test('inputs that are no longer declared', () => {
    const { inputs, ...undeclared } = GEN;
    expect(inputs).toEqual(['api']);
    expect(changed(plan([undeclared, BUILD, LINT, ALL]))).toEqual(AFTER_GEN);
  });

  test('the arguments', () => {
    expect(changed(plan(BEFORE, ENVIRONMENT, ['--bail']))).toEqual(['all', 'build', 'gen', 'lint']);
  });

  test('a dependency that is added or gone', () => {
    expect(changed(plan([GEN, { ...BUILD, needs: [] }, LINT, ALL]))).toEqual(['all', 'build']);
    expect(changed(plan([GEN, BUILD, { ...LINT, needs: needs('gen') }, ALL]))).toEqual(['all', 'lint']);
  });

  test('a task that is new', () => {
    const more = taskOf({ name: 'more' });
    const all = { ...ALL, needs: needs('build', 'lint', 'more') };
    expect(changed(plan([GEN, BUILD, LINT, more, all]))).toEqual(['all', 'more']);
  });
});

describe('nothing else concerns it', () => {
  test('what is the same, and what is gone', () => {
    expect(changed(plan(BEFORE))).toEqual([]);
    expect(changed(plan([GEN, LINT]))).toEqual([]);
  });

  test.each<[string, Partial<Task>, Partial<Task>]>([
    ['description', { description: 'x' }, {}],
    ['place', { place: { ...place, line: 99 } }, {}],
    ['time limit', { timeoutMs: 5 }, { timeoutMs: 5 }],
    ['retries', { retries: 3 }, { retries: 3 }],
    ['lock', { lock: 'db' }, { lock: 'db' }],
    ['cap', { uses: [{ name: 'db', amount: 1 }] as unknown as Task['uses'] }, { retries: 1 }],
    ['cache', { cache: { enabled: false } }, { retries: 1 }],
  ])('%s, except one that has not succeeded', (_, fields, ofFailed) => {
    expect(changed(withGen(fields))).toEqual([]);
    const failed = Object.keys(ofFailed).length > 0;
    expect(changed(withGen(fields), new Set(['build', 'lint']))).toEqual(failed ? AFTER_GEN : []);
  });
});

describe('variables of all', () => {
  test('concern those that name them, and those that declare no inputs', () => {
    expect(changed(plan(BEFORE, { ...ENVIRONMENT, MODE: 'prod' }))).toEqual([
      ...['all', 'build', 'gen'],
      'lint',
    ]);
    expect(changed(plan(BEFORE, { ...ENVIRONMENT, VITE_URL: 'x' }))).toEqual(['all', 'build', 'gen', 'lint']);
  });

  test('do not concern those that declare what they read', () => {
    expect(changed(plan(BEFORE, { ...ENVIRONMENT, OTHER: 'x' }))).toEqual(['all', 'lint']);
    expect(changed(plan(BEFORE, { MODE: 'dev', PATH: '/bin' }))).toEqual([]);
  });

  test('do not concern what only stands for others', () => {
    const { command, ...stands } = { ...ALL, needs: needs('build') };
    expect(command).toBe('true');
    const found = changedTasks(
      plan([GEN, BUILD, stands]),
      plan([GEN, BUILD, stands], { ...ENVIRONMENT, OTHER: 'x' }),
      new Set(),
    );
    expect([...found]).toEqual([]);
  });
});
