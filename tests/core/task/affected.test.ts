import { expect, test } from 'vitest';
import { watchedTasks } from '../../../src/core/task/affected.ts';
import { graphOf } from '../../../src/core/task/graph.ts';
import { taskOf } from '../../helpers/tasks.ts';

const needs = (...names: readonly string[]) =>
  names.map((name) => ({ kind: 'task', name, place: taskOf().place }) as const);

/** `gen` makes what `build` reads, `lint` reads everything. */
const graph = graphOf([
  taskOf({ name: 'gen', inputs: ['api/*.json'], outputs: ['src/gen.ts'] }),
  taskOf({ name: 'build', needs: needs('gen'), inputs: ['src', '!src/**/*.test.ts'], outputs: ['dist'] }),
  taskOf({ name: 'test', needs: needs('build'), inputs: ['src/**/*.test.ts'], outputs: [] }),
  taskOf({ name: 'lint' }),
  taskOf({ name: 'docs', workingDir: '/app/docs', inputs: ['*.md'], outputs: [] }),
]);

test.each([
  [['/app/api/a.json'], ['gen', 'build', 'test', 'lint']],
  [['/app/src/a.ts'], ['build', 'test', 'lint']],
  [['/app/src/x/a.test.ts'], ['test', 'lint']],
  [['/app/README.md'], ['lint']],
  [['/app/docs/a.md'], ['lint', 'docs']],
  [['/app/src/gen.ts'], []],
  [['/app/dist/a.js', '/app/src/gen.ts'], []],
  [['/elsewhere/a.ts'], []],
])('%j concerns %j', (files, names) => {
  const found = watchedTasks(graph, []).affected(files);
  expect(graph.flatMap(({ task }, index) => (found.has(index) ? [task.name] : []))).toEqual(names);
});
