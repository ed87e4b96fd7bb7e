import type { Task } from '../../src/core/task/task.ts';

/** A task with these fields, in `/app` unless they say otherwise. */
export const taskOf = (fields: Partial<Task> = {}): Task => ({
  name: 'build',
  place: { file: 'procsup.yaml', line: 1, column: 1, length: 5, text: 'build' },
  command: 'true',
  workingDir: '/app',
  environment: {},
  needs: [],
  env: [],
  tools: [],
  cache: { enabled: true },
  retries: 0,
  uses: [],
  takesArguments: false,
  interactive: false,
  ...fields,
});
