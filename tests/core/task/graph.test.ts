import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.ts';
import { graphOf, taskProblems } from '../../../src/core/task/graph.ts';
import { graphText } from '../../../src/core/task/graph-text.ts';
import { criticalPath, tasksStatus } from '../../../src/core/task/outcome.ts';
import { selectTasks } from '../../../src/core/task/select.ts';
import type { Task, TaskNeed } from '../../../src/core/task/task.ts';
import { taskOf } from '../../helpers/tasks.ts';

const placeAt = (line: number) => ({ file: 'procsup.yaml', line, column: 1, length: 1, text: '' });

/** `a: [b, c]`: each at the line of its task; `db!` is a process. */
const tasksOf = (needs: Readonly<Record<string, readonly string[]>>): readonly Task[] =>
  Object.entries(needs).map(([name, on], index) =>
    taskOf({
      ...{ name, place: placeAt(index + 1) },
      needs: on.map((need): TaskNeed =>
        need.endsWith('!')
          ? { kind: 'process', name: need.slice(0, -1), until: 'ready', place: placeAt(index + 1) }
          : { kind: 'task', name: need, place: placeAt(index + 1) },
      ),
    }),
  );

const textOf = ({ message, place, remedy }: Problem): string =>
  `${String(place?.line ?? '-')}: ${message} (${remedy ?? ''})`;

describe('problems', () => {
  test.each<[Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    [{ a: ['b'], b: [] }, []],
    [{ a: ['a'] }, ["1: task 'a' depends on itself (remove one of these dependencies)"]],
    [
      { a: ['b'], b: ['c'], c: ['a'] },
      [
        '1: dependency cycle of tasks: a -> b -> c -> a (also procsup.yaml:2, procsup.yaml:3) (remove one of these dependencies)',
      ],
    ],
    [
      { a: ['b'], b: ['a'], c: ['d'], d: ['c'] },
      [
        '1: dependency cycle of tasks: a -> b -> a (also procsup.yaml:2) (remove one of these dependencies)',
        '3: dependency cycle of tasks: c -> d -> c (also procsup.yaml:4) (remove one of these dependencies)',
      ],
    ],
  ])('%j', (needs, problems) => {
    expect(taskProblems(tasksOf(needs), []).map(textOf)).toEqual(problems);
  });

  test('caps that are unknown or too small', () => {
    const uses = (cap: string, amount: number) => taskOf({ uses: [{ cap, amount }] });
    const caps = [{ name: 'db', soft: 2, hard: Infinity }];
    expect(taskProblems([uses('dd', 1)], caps).map(textOf)).toEqual([
      "1: task 'build' uses the unknown cap 'dd' (did you mean 'db'?)",
    ]);
    expect(taskProblems([uses('db', 3)], caps).map(textOf)).toEqual([
      "1: task 'build' uses 3 of cap 'db', which allows 2: it could never start (let it use less, or raise the cap)",
    ]);
  });
});

describe('selection', () => {
  const tasks = tasksOf({
    ci: ['test', 'lint'],
    test: ['build'],
    build: ['gen'],
    gen: [],
    lint: [],
    other: [],
  });
  const names = (words: readonly string[]) =>
    selectTasks(tasks, words).value?.graph.map(({ task }) => task.name);

  test.each<[readonly string[], readonly string[] | undefined]>([
    [['gen'], ['gen']],
    [['test'], ['gen', 'build', 'test']],
    [
      ['lint', 'build'],
      ['lint', 'gen', 'build'],
    ],
    [['ci'], ['gen', 'build', 'test', 'lint', 'ci']],
    [
      ['b*', 'gen'],
      ['gen', 'build'],
    ],
    [['nope'], undefined],
  ])('%j', (words, expected) => {
    expect(names(words)).toEqual(expected);
  });

  test('unknown names, and the nearest ones', () => {
    expect(
      selectTasks(tasks, ['tset', 'x*', 'zzz']).problems.map(({ message, remedy }) => [message, remedy]),
    ).toEqual([
      ["unknown task 'tset'", "did you mean 'test'?"],
      ["no task matches 'x*'", 'known tasks: ci, test, build, gen, lint, other'],
      ["unknown task 'zzz'", 'known tasks: ci, test, build, gen, lint, other'],
    ]);
  });

  test('heights, needs and dependents', () => {
    const graph = graphOf(tasksOf({ a: [], b: ['a', 'a'], c: ['b'], d: ['a'] }));
    expect(graph.map(({ height, needs, dependents }) => ({ height, needs, dependents }))).toEqual([
      { height: 3, needs: [], dependents: [1, 3] },
      { height: 2, needs: [0], dependents: [2] },
      { height: 1, needs: [1], dependents: [] },
      { height: 1, needs: [0], dependents: [] },
    ]);
  });

  test('a chain of 20,000 tasks is no recursion', () => {
    const chain = tasksOf(
      Object.fromEntries(
        Array.from({ length: 20_000 }, (_, at) => [`t${String(at)}`, at === 0 ? [] : [`t${String(at - 1)}`]]),
      ),
    );
    expect(taskProblems(chain, [])).toEqual([]);
    expect(graphOf(chain)[0]?.height).toBe(20_000);
  });
});

describe('outcome', () => {
  const graph = graphOf(tasksOf({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }));

  test.each([
    [[10, 5, 7, 1], ['a', 'c', 'd'], 18],
    [[10, 5, 7, 0], ['a', 'c'], 17],
    [[0, 0, 0, 0], [], 0],
    [[1, 100, 0, 0], ['a', 'b'], 101],
  ])('durations %j have the critical path %j', (durations, names, durationMs) => {
    expect(criticalPath(graph, durations)).toEqual({ names, durationMs });
  });

  test('the status is that of the signal, of the first failure, or 0', () => {
    const failed = { is: 'failed', status: 7, why: 'status' } as const;
    expect(tasksStatus(null, { signal: null, problem: null })).toBe(0);
    expect(tasksStatus(failed, { signal: null, problem: null })).toBe(7);
    expect(tasksStatus(failed, { signal: 'SIGINT', problem: null })).toBe(130);
    expect(tasksStatus(null, { signal: 'SIGTERM', problem: null })).toBe(143);
    expect(tasksStatus(null, { signal: null, problem: 'a full disk' })).toBe(125);
  });
});

describe('as a text', () => {
  const graph = graphOf([
    ...tasksOf({ 'web#build': [], test: ['web#build', 'db!'] }),
    taskOf({ name: 'say "hi"', description: 'greets', inputs: [], outputs: [] }),
  ]);

  test('dot', () => {
    expect(graphText(graph, 'dot')).toBe(
      [
        'digraph tasks {',
        '  rankdir=LR;',
        '  node [shape=box];',
        '  "process db" [label="db", shape=ellipse];',
        '  "web#build";',
        '  "test";',
        '  "say \\"hi\\"";',
        '  "web#build" -> "test";',
        '  "process db" -> "test" [label="ready"];',
        '}\n',
      ].join('\n'),
    );
  });

  test('mermaid', () => {
    expect(graphText(graph, 'mermaid')).toBe(
      [
        'flowchart LR',
        '  p0(["db"])',
        '  t0["web#35;build"]',
        '  t1["test"]',
        '  t2["say #quot;hi#quot;"]',
        '  t0 --> t1',
        '  p0 -->|ready| t1\n',
      ].join('\n'),
    );
  });

  test('JSON', () => {
    const tasks: unknown = JSON.parse(graphText(graph, 'json'));
    expect(tasks).toMatchObject([
      { name: 'web#build', command: 'true', depends_on: [], cacheable: false },
      { name: 'test', depends_on: [{ task: 'web#build' }, { process: 'db', condition: 'ready' }] },
      { name: 'say "hi"', description: 'greets', cacheable: true },
    ]);
  });
});
