import { describe, expect, test } from 'vitest';
import { bashScript } from '../../src/cli/completion/bash.ts';
import { fishScript } from '../../src/cli/completion/fish.ts';
import { commands, globals } from '../../src/cli/completion/model.ts';
import { zshScript } from '../../src/cli/completion/zsh.ts';
import { completion } from '../../src/cli/commands/completion.ts';
import { COMMANDS } from '../../src/cli/table/commands.ts';

describe.each([
  ['bash', bashScript()],
  ['zsh', zshScript()],
  ['fish', fishScript()],
] as const)('the script for %s', (shell, script) => {
  test('knows every command, option and choice', () => {
    const words = new Set(script.split(/[^A-Za-z0-9-]+/));
    const isOption = (word: string) => word.startsWith('-');
    const name = (word: string) => (shell === 'fish' ? word.replace(/^--?/, '') : word);
    const options = [...globals(), ...commands().flatMap((command) => command.options)];
    const expected = [
      ...commands().flatMap(({ names }) => names),
      ...options.flatMap(({ spellings }) => spellings.map((word) => (isOption(word) ? name(word) : word))),
      ...options.flatMap(({ value }) => (Array.isArray(value?.kind) ? (value.kind as string[]) : [])),
    ];
    expect(expected.filter((word) => !words.has(word))).toEqual([]);
  });

  test('is the same each time', () => {
    const again = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]();
    expect(again).toBe(script);
  });
});

function said(word: string | undefined, env: Record<string, string> = {}) {
  let [stdout, stderr] = ['', ''];
  const status = completion(word, {
    stdout: (text) => (stdout += String(text)),
    stderr: (text) => (stderr += text),
    env,
  });
  return { status, stdout, stderr };
}

test.each([
  ['tcsh', {}, "procsup: unknown shell 'tcsh'; use bash, zsh or fish\n"],
  ['bsh', {}, "procsup: unknown shell 'bsh'; did you mean 'bash'? Use bash, zsh or fish\n"],
  [undefined, {}, 'procsup: missing argument SHELL; use bash, zsh or fish\n'],
  [
    undefined,
    { SHELL: '/bin/dash' },
    "procsup: missing argument SHELL (there is no completion for your shell 'dash'); use bash, zsh or fish\n",
  ],
])('a wrong or missing shell is told with the three that are right: %s, %o', (word, env, stderr) => {
  expect(said(word, env)).toEqual({ status: 2, stdout: '', stderr });
});

test('without a word it is the script of the own shell', () => {
  expect(said(undefined, { SHELL: '/usr/bin/fish' })).toEqual({
    status: 0,
    stdout: fishScript(),
    stderr: '',
  });
  expect(said('zsh', { SHELL: '/usr/bin/fish' }).stdout).toBe(zshScript());
});

test('names are asked for where the help says NAME', () => {
  const kinds = new Map(commands().map(({ names, operand }) => [names[0], operand]));
  for (const { name, operands } of COMMANDS) {
    if (/^[[<]NAME(\.\.\.)?[\]>]$/.test(operands[0] ?? '')) expect(kinds.get(name)).toBe('names');
  }
});
