import { describe, expect, test } from 'vitest';
import { canTakeArguments, taskEnvironment, taskScript } from '../../../src/core/task/task-script.ts';
import { taskOf } from '../../helpers/tasks.ts';

const PLACE = { root: '/app', args: [] };

describe('what a shell gets', () => {
  test.each([
    [{ command: 'node x' }, 'export PROCSUP_TASK=build\nexec node x'],
    [{ command: 'a && b' }, 'export PROCSUP_TASK=build\na && b'],
    [
      { command: 'x', workingDir: '/app/my web' },
      "cd '/app/my web' || exit 1\nexport PROCSUP_TASK=build\nexec x",
    ],
    [
      { command: 'x', environment: { A: "it's", B: undefined } },
      "export PROCSUP_TASK=build\nexport A='it'\\''s'\nunset B\nexec x",
    ],
    [
      { command: 'x', fileVariables: { A: '1', C: '2' }, environment: { A: '3' } },
      'export A=3\nexport C=2\nexport PROCSUP_TASK=build\nexec x',
    ],
    [
      { command: 'a b', environment: { 'npm.x': '1', 'no-y': undefined } },
      "export PROCSUP_TASK=build\nexec env -u no-y npm.x=1 /bin/sh -c 'exec a b' build",
    ],
  ])('%j', (fields, script) => {
    expect(taskScript(taskOf(fields), PLACE)).toBe(script);
  });

  test.each([
    ['vitest run', `set -- -t 'a b'\nexec vitest run "$@"`],
    ['tsc && vitest', `set -- -t 'a b'\ntsc && vitest "$@"`],
    ['printf %s', `set -- -t 'a b'\nprintf %s "$@"`],
    ['run "$1" last', `set -- -t 'a b'\nrun "$1" last`],
  ])('arguments of %j stand where npm puts them, or where it says so', (command, script) => {
    const task = taskOf({ command });
    expect(canTakeArguments(task)).toBe(true);
    expect(taskScript(task, { root: '/app', args: ['-t', 'a b'] })).toBe(
      `export PROCSUP_TASK=build\n${script}`,
    );
  });

  test.each(['a &', '(a; b)', 'a # why', 'if a; then b; fi;', 'a >'])(
    '%j has no place for arguments',
    (command) => {
      expect(canTakeArguments(taskOf({ command }))).toBe(false);
    },
  );
});

test('its own variables win over those of its files, and both over the common ones', () => {
  const task = taskOf({ fileVariables: { A: 'file', B: 'file' }, environment: { B: 'own', C: undefined } });
  expect(taskEnvironment(task, { A: 'all', C: 'all', D: 'all' })).toEqual({
    ...{ A: 'file', B: 'own', D: 'all', PROCSUP_TASK: 'build' },
  });
});
