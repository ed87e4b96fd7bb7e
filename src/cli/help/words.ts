/** The shape of what the help says: by name, so that a command or an option without words does not compile. */
import type { CommandName } from '../table/commands.ts';
import type { OptionSpec } from '../table/option-spec.ts';

/** A heading of the help. The commands of a group stand together. */
export type Group =
  'Start here' | 'Run once' | 'While it runs' | 'Share data' | 'Look closer' | 'Files and shell';

export interface CommandWords {
  /** Where the help lists it. */
  readonly group: Group;
  readonly summary: string;
  readonly description: string;
  /** Command lines and their explanations. */
  readonly examples: readonly Example[];
}

export type Example = readonly [line: string, what: string];

/** Of some commands; the table of all of them is put together in commands.ts. */
export type WordsOfCommands = Readonly<Partial<Record<CommandName, CommandWords>>>;

/** The description of an option, or one for each command for which it means something more particular. */
export type OptionWords = string | Readonly<Partial<Record<CommandName | 'others', string>>>;

/** The words of a table of options. */
export type WordsFor<Rows extends readonly OptionSpec[]> = {
  readonly [Name in Rows[number]['name']]:
    string | ForEach<CommandsOf<Extract<Rows[number], { readonly name: Name }>>>;
};

type CommandsOf<Row extends OptionSpec> = Row['commands'] extends readonly (infer Name)[]
  ? Name & CommandName
  : CommandName;

type ForEach<Name extends CommandName> =
  Readonly<Record<Name, string>> | (Readonly<Partial<Record<Name, string>>> & { readonly others: string });
