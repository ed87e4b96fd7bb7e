/** A row of the table of commands. */

/** A heading of the help. The commands of a group stand together. */
export type Group =
  'Start here' | 'Run once' | 'While it runs' | 'Share data' | 'Look closer' | 'Files and shell';

export interface CommandSpec {
  readonly name: string;
  /** Other names, as known from other tools. */
  readonly aliases?: readonly string[];
  /** Where the help lists it. */
  readonly group: Group;
  readonly summary: string;
  /** Operands as shown in the help; `...` at the end takes any number. */
  readonly operands: readonly string[];
  /** Options end at the first operand: the rest belongs to the program that is run. */
  readonly passThrough?: true;
  readonly description: string;
  /** Command lines and their explanations. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}
