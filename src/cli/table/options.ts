/**
 * All options as data. The hand-written parser, commander's parser, the environment variables (PROCSUP_RESTART_DELAY for
 * `--restart-delay`) and the settings are derived from this table; the help also from the words in ../help/.
 */
import type { CommandSpec } from './command-spec.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { CONTROL_OPTIONS } from './control-options.ts';
import { EXCHANGE_OPTIONS } from '../exchange/options.ts';
import type { OptionSpec } from './option-spec.ts';
import { POOL_OPTIONS } from '../pool/options.ts';
import { QUEUE_OPTIONS } from '../queue/options.ts';
import { RUN_OPTIONS } from './run-options.ts';
import { SHARE_OPTIONS } from './share-options.ts';
import { TASK_OPTIONS } from '../task/options.ts';

const TABLE = [
  ...RUN_OPTIONS,
  ...CONTROL_OPTIONS,
  ...SHARE_OPTIONS,
  ...POOL_OPTIONS,
  ...QUEUE_OPTIONS,
  ...EXCHANGE_OPTIONS,
  ...TASK_OPTIONS,
] as const;

export type OptionName = (typeof TABLE)[number]['name'];

/** The values of an option with choices: `'never' | 'on-failure' | 'always'`. */
export type ChoiceOf<Name extends OptionName> = Extract<
  (typeof TABLE)[number],
  { readonly name: Name; readonly choices: readonly string[] }
>['choices'][number];

/** The options that have choices. */
export type ChoiceName = Extract<(typeof TABLE)[number], { readonly choices: readonly string[] }>['name'];

/** A row of the table, as the parsers use it. */
export interface Option extends OptionSpec {
  readonly name: OptionName;
}

export const OPTIONS: readonly Option[] = TABLE;

/** The options of a command, its own ones first: they are what its help is read for. A command's own letter (`logs -f`) hides the global option's. */
export function optionsOf(command: CommandName): readonly Option[] {
  const own = OPTIONS.filter(({ commands }) => commands !== 'global' && commands.includes(command));
  const letters = own.map(({ short }) => short);
  const inherited = globalOptions().map(({ short, ...option }) =>
    short === undefined || letters.includes(short) ? option : { ...option, short },
  );
  return [...own, ...inherited];
}

let byName: ReadonlyMap<OptionName, readonly Option[]> | undefined;

/** Each command asks for dozens of them: at a start, before V8 has compiled a loop over the table. */
function groupedByName(): ReadonlyMap<OptionName, readonly Option[]> {
  const found = new Map<OptionName, Option[]>();
  for (const option of OPTIONS) {
    const others = found.get(option.name);
    if (others === undefined) found.set(option.name, [option]);
    else others.push(option);
  }
  return found;
}

/** The command's own option of that name, or the first one. */
export function optionNamed(name: OptionName, command?: CommandName): Option {
  const all = (byName ??= groupedByName()).get(name) ?? [];
  const own = all.find(({ commands }) => command !== undefined && commands.includes(command));
  const option = own ?? all[0];
  if (option === undefined) throw new Error(`unknown option ${name}`);
  return option;
}

/** All names of a command, its own one first. */
export const namesOf = ({ name, aliases = [] }: CommandSpec): readonly string[] => [name, ...aliases];

/** The command that a word names. */
export function commandNamed(word: string | undefined): (typeof COMMANDS)[number] | undefined {
  return COMMANDS.find((command) => word !== undefined && namesOf(command).includes(word));
}

export function globalOptions(): readonly Option[] {
  return OPTIONS.filter(({ commands }) => commands === 'global');
}

/** All spellings of an option on the command line: `-m`, `--formation`, `-c`, `--concurrency`. */
export function spellings({ name, short, alias }: Option): readonly string[] {
  return [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
    ...(alias === undefined ? [] : aliasFlags(alias)),
  ];
}

/** `--concurrency`, `-c` */
export const aliasFlags = ({ name, short }: NonNullable<OptionSpec['alias']>): readonly string[] => [
  `--${name}`,
  ...(short === undefined ? [] : [`-${short}`]),
];

/** The environment variables of an option; the first that is set counts. */
export function twins({ name, alias, hasVariable }: Option): readonly string[] {
  if (hasVariable === false) return [];
  return [name, ...(alias === undefined || alias.hasVariable === false ? [] : [alias.name])].map(
    (flag) => `PROCSUP_${flag.toUpperCase().replaceAll('-', '_')}`,
  );
}
