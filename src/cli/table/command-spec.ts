/** A row of the table of commands. */
export interface CommandSpec {
  readonly name: string;
  /** Other names, as known from other tools. */
  readonly aliases?: readonly string[];
  /** Operands as shown in the help; `...` at the end takes any number. */
  readonly operands: readonly string[];
  /** Options end at the first operand: the rest belongs to the program that is run. */
  readonly passThrough?: true;
}
