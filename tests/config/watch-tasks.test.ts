/** The tasks that watches run first, as procsup.yaml has them. */
import { expect, test } from 'vitest';
import { WATCH_DEFAULTS } from '../../src/core/plan/watching.ts';
import type { ProcessSettings } from '../../src/core/plan/process-settings.ts';
import type { Problem } from '../../src/core/problem.ts';
import type { TaskSettings } from '../../src/core/task/settings.ts';
import { withTasks } from '../../src/config/watch-tasks.ts';

const place = { file: 'procsup.yaml', line: 1, column: 1, length: 1, text: '' };
const watching = (task: string, ignore: readonly string[] = []): ProcessSettings =>
  ({ name: 'web', watch: { ...WATCH_DEFAULTS, paths: ['.'], ignore, task } }) as unknown as ProcessSettings;
const task = (name: string, outputs: readonly string[], needs: readonly string[] = []): TaskSettings => ({
  ...{ name, place, outputs, needs: needs.map((need) => ({ name: need, place })) },
});

function read(settings: ProcessSettings, tasks: readonly TaskSettings[], hasOthers = false) {
  const problems: Problem[] = [];
  const [one] = withTasks([settings], tasks, { hasOthers, placeOf: () => place, problems });
  const watch = one?.watch;
  return { ignore: watch === undefined || watch === 'off' ? [] : watch.ignore, problems };
}

test('what the task and the tasks that it needs make is ignored, unless the user takes it back', () => {
  const tasks = [task('build', ['dist/**', '!dist/x'], ['gen']), task('gen', ['made/*.ts'], ['build'])];
  expect(read(watching('build', ['!*.tmp']), tasks)).toEqual({
    ignore: ['./dist/**', './made/*.ts', '!*.tmp'],
    problems: [],
  });
});

test.each([
  ['biuld', false, ["unknown task 'biuld': did you mean 'build'?"]],
  ['other', false, ["unknown task 'other': define it below 'tasks'"]],
  ['other', true, []],
  ['web#build', false, []],
])('the task %s, with scripts: %s', (name, hasOthers, expected) => {
  const { problems } = read(watching(name), [task('build', [])], hasOthers);
  expect(problems.map(({ message, remedy = '' }) => `${message}: ${remedy}`)).toEqual(expected);
});
