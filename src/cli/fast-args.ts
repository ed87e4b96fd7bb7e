/**
 * Reads ordinary command lines without commander, which takes 10 ms to load: more than starting the first child. It gives up on anything out of the ordinary, and commander, which then reads the same line by the same
 * table, says what is wrong with it.
 */
import type { CommandSpec } from './commands-table.ts';
import { gather, type CommandLine, type Occurrence } from './command-line.ts';
import { commandNamed, globalOptions, optionsOf, spellings, type Option } from './options.ts';

/** The command line, or undefined where the thorough parser has to look at it. */
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

/** What is left beside the options, which may stand among the operands, unless these are a program's command line. */
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

/** Reads options from `at` on; returns the place of the first word that is none, or undefined when one is unusual. */
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

/** `--port=5000` and `-p5000` have their value attached. */
function splitWord(word: string): { spelling: string; attached?: string } {
  const end = word.startsWith('--') ? word.indexOf('=') : 2;
  if (end === -1 || end >= word.length) return { spelling: word };
  return { spelling: word.slice(0, end), attached: word.slice(word.startsWith('--') ? end + 1 : end) };
}
