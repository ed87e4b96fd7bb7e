/** What a warm shell is given to run a task: the directory and the variables of the task, then its command. */
import { withArguments } from '../shell/arguments.ts';
import { scriptFor } from '../shell/command.ts';
import { quoteWord, quoteWords } from '../shell/words.ts';
import type { Task } from './task.ts';

type ScriptedTask = Pick<Task, 'name' | 'command' | 'workingDir' | 'environment' | 'fileVariables'>;

/** What the shell has already: only the rest is said. */
export interface ShellPlace {
  readonly root: string;
  /** What follows `--`, if the task takes it. */
  readonly args: readonly string[];
}

const SHELL_NAME = /^[A-Za-z_]\w*$/;

/** Its own variables over those of its files; undefined takes one away. */
export function taskVariables({
  name,
  environment,
  fileVariables,
}: Pick<Task, 'name' | 'environment' | 'fileVariables'>): Readonly<Record<string, string | undefined>> {
  return { ...fileVariables, PROCSUP_TASK: name, ...environment };
}

/** All variables that its command gets. */
export function taskEnvironment(
  task: Pick<Task, 'name' | 'environment' | 'fileVariables'>,
  common: Readonly<Record<string, string>>,
): Record<string, string> {
  const all: Record<string, string> = { ...common };
  for (const [name, value] of Object.entries(taskVariables(task)))
    if (value === undefined) Reflect.deleteProperty(all, name);
    else all[name] = value;
  return all;
}

/** Arguments have no place in every command: `canTakeArguments`. */
export function taskScript(task: ScriptedTask, { root, args }: ShellPlace): string {
  const lines: string[] = [];
  if (task.workingDir !== root) lines.push(`cd ${quoteWord(task.workingDir)} || exit 1`);
  const odd: string[] = [];
  for (const [name, value] of Object.entries(taskVariables(task))) {
    const isPlain = SHELL_NAME.test(name);
    // Options come first.
    if (!isPlain && value === undefined) odd.unshift('-u', name);
    else if (!isPlain) odd.push(`${name}=${String(value)}`);
    else if (value === undefined) lines.push(`unset ${name}`);
    else lines.push(`export ${name}=${quoteWord(value)}`);
  }
  // No shell has variables with such names; env(1) has.
  if (odd.length > 0)
    lines.push(`exec env ${quoteWords(odd)} /bin/sh -c ${quoteWords(shellWords(task, args))}`);
  else if (args.length > 0) lines.push(`set -- ${quoteWords(args)}`, commandWith(task, args));
  else lines.push(commandWith(task, args));
  return lines.join('\n');
}

/** For a shell of its own: the script, its name, and its arguments. */
export const shellWords = (
  task: Pick<Task, 'name' | 'command'>,
  args: readonly string[],
): readonly [script: string, name: string, ...args: string[]] => [
  commandWith(task, args),
  task.name,
  ...args,
];

const commandWith = ({ command = ':' }: Pick<Task, 'command'>, args: readonly string[]): string =>
  (args.length === 0 ? undefined : commandWithArguments(command)) ?? scriptFor(command);

export const canTakeArguments = ({ command }: Pick<Task, 'command'>): boolean =>
  command !== undefined && commandWithArguments(command) !== undefined;

/** Where it says so, else behind its last word, as npm does. After these they would be words of nothing. */
const commandWithArguments = (command: string): string | undefined =>
  withArguments(command) ?? (/[;&|<>(){}\n]\s*$|\s#/.test(command) ? undefined : `${command} "$@"`);
