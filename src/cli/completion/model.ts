/** What a shell completes, derived from the tables of commands and options. */
import { SIGNAL_NUMBERS } from '../../core/process/signals.ts';
import { COMMAND_WORDS, HELP_SUMMARY } from '../help/commands.ts';
import { describedOptions, type DescribedOption } from '../help/options.ts';
import type { CommandSpec } from '../table/command-spec.ts';
import { COMMANDS, type CommandName } from '../table/commands.ts';
import type { OptionSpec } from '../table/option-spec.ts';
import { globalOptions, namesOf, optionsOf, spellings } from '../table/options.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** `names` of processes; `counts`: names with `=` behind them; `programs`: a process, or any command. */
export type Kind =
  | 'files'
  | 'directories'
  | 'names'
  | 'counts'
  | 'programs'
  /** Any text: nothing can be completed. */
  | 'text'
  | readonly string[];

export interface CompletedOption {
  /** `--formation`, `-m`, `--concurrency`, `-c` */
  readonly spellings: readonly string[];
  readonly text: string;
  /** Undefined: a switch. */
  readonly value?: { readonly label: string; readonly kind: Kind };
  /** What may be attached to a switch, as in `--stats=json`. */
  readonly forms: readonly string[];
  readonly isList: boolean;
}

export interface CompletedCommand {
  /** The first one is its own. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Undefined: it takes none. */
  readonly operand?: Kind;
  /** What follows the first operand. */
  readonly rest?: Kind;
  /** What follows the first operand is a command line of its own. */
  readonly isPassThrough: boolean;
}

const HELP: CompletedOption = { spellings: ['--help', '-h'], text: 'print help', forms: [], isList: false };

export const globals = (): readonly CompletedOption[] => [
  ...describedOptions(globalOptions()).map(completedOption),
  HELP,
  { spellings: ['--version', '-V'], text: 'print the version', forms: [], isList: false },
];

export function commands(): readonly CompletedCommand[] {
  const words = COMMANDS.flatMap(namesOf);
  return [
    ...COMMANDS.map(completedCommand),
    { names: ['help'], summary: HELP_SUMMARY, options: [], operand: words, isPassThrough: false },
  ];
}

function completedCommand(spec: CommandSpec & { readonly name: CommandName }): CompletedCommand {
  const [first, ...others] = spec.operands;
  const operand = first === undefined ? undefined : operandKind(first);
  const isPassThrough = spec.passThrough === true;
  const rest = isPassThrough ? 'files' : others.length > 0 ? 'text' : undefined;
  const following = first?.includes('...') === true ? operand : rest;
  return {
    names: namesOf(spec),
    summary: COMMAND_WORDS[spec.name].summary,
    options: [...describedOptions(optionsOf(spec.name), spec.name).map(completedOption), HELP],
    ...(operand !== undefined && { operand }),
    ...(following !== undefined && { rest: following }),
    isPassThrough,
  };
}

/** By the name that the help gives it. */
function operandKind(operand: string): Kind {
  if (operand.includes('|')) return operand.slice(1, -1).split('|');
  if (operand.includes('COMMAND')) return 'programs';
  if (operand.includes('=')) return 'counts';
  if (operand.includes('NAME')) return 'names';
  return operand.includes('SHELL') ? SHELLS : 'text';
}

function completedOption(option: DescribedOption): CompletedOption {
  const { value, description, forms = [], list = false } = option;
  return {
    spellings: spellings(option),
    text: description,
    ...(value !== undefined && { value: { label: value, kind: valueKind(option) } }),
    forms,
    isList: list,
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  FILE: 'files',
  FILES: 'files',
  DIR: 'directories',
  NAME: 'names',
  NAMES: 'names',
  SPEC: 'counts',
  PORT: ['auto'],
  SIGNAL: Object.keys(SIGNAL_NUMBERS).map((name) => name.slice('SIG'.length)),
};

const valueKind = ({ value = '', choices }: OptionSpec): Kind => choices ?? KINDS[value] ?? 'text';
