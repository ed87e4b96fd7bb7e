/**
 * Reads ordinary command lines without commander, which takes 10 ms to load: more than starting the first child. It
 * gives up on unusual ones, which commander then reads by the same table, with errors and help.
 */
import type { CommandSpec } from './table/command-spec.ts';
import { gather, type CommandLine, type Occurrence } from './command-line.ts';
import { commandNamed, globalOptions, optionsOf, spellings, type Option } from './table/options.ts';

/** The command line, or undefined if commander has to read it. */
export function fastArgs(words: readonly string[]): CommandLine | undefined {
  const occurrences: Occurrence[] = [];

  const verb = readOptions(words, 0, bySpelling(globalOptions()), occurrences);
  if (verb === undefined) return undefined;
  const command = commandNamed(words[verb]);
  if (command === undefined) return undefined;
  const operands = readOperands(words, verb + 1, command, occurrences);
  if (operands === undefined || !takes(command, operands.length)) return undefined;
  return { command: command.name, operands, options: gather(occurrences) };
}

/** The words that are no options. Options may stand between operands, except in a command line to be run. */
function readOperands(
  words: readonly string[],
  from: number,
  command: Command,
  occurrences: Occurrence[],
): readonly string[] | undefined {
  const operands: string[] = [];
  const known = bySpelling(optionsOf(command.name));
  for (let at = from; at < words.length; at++) {
    const next = readOptions(words, at, known, occurrences);
    if (next === undefined) return undefined;
    const word = words[next];
    if (word === '--') return [...operands, ...words.slice(next + 1)];
    if ('passThrough' in command) return words.slice(next);
    if (word !== undefined) operands.push(word);
    at = next;
  }
  return operands;
}

type Command = NonNullable<ReturnType<typeof commandNamed>>;

function takes({ operands }: CommandSpec, count: number): boolean {
  const least = operands.filter((operand) => operand.startsWith('<')).length;
  const most = operands.some((operand) => /\.\.\.[\]>]$/.test(operand)) ? Infinity : operands.length;
  return count >= least && count <= most;
}

function bySpelling(options: readonly Option[]): ReadonlyMap<string, Option> {
  return new Map(options.flatMap((option) => spellings(option).map((spelling) => [spelling, option])));
}

/** Reads options from `at` on; returns the index of the first other word, or undefined if an option is unusual. */
function readOptions(
  words: readonly string[],
  at: number,
  known: ReadonlyMap<string, Option>,
  found: Occurrence[],
): number | undefined {
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--' || !word.startsWith('-')) return at;

    const { spelling, attached } = splitWord(word);
    const option = known.get(spelling);
    if (option === undefined) return undefined;
    if (option.value === undefined) {
      if (attached !== undefined && option.forms?.includes(attached) !== true) return undefined;
      found.push([option, attached ?? true]);
      continue;
    }
    const value = attached ?? words[++at];
    if (value === undefined) return undefined;
    found.push([option, value]);
  }
  return at;
}

/** Splits the attached value off `--port=5000` and `-p5000`. */
function splitWord(word: string): { spelling: string; attached?: string } {
  const end = word.startsWith('--') ? word.indexOf('=') : 2;
  if (end === -1 || end >= word.length) return { spelling: word };
  return { spelling: word.slice(0, end), attached: word.slice(word.startsWith('--') ? end + 1 : end) };
}
