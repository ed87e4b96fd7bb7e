import type { CommandName } from './table/commands.ts';
import type { Option, OptionName } from './table/options.ts';

/** The parsed command line: values not checked yet, defaults and environment not applied yet. */
export interface CommandLine {
  readonly command: CommandName;
  readonly operands: readonly string[];
  readonly options: RawOptions;
}

/** A given switch is `true`. */
export type RawOptions = Readonly<Partial<Record<OptionName, string | true>>>;

/** One option on the command line, in the order of writing. */
export type Occurrence = readonly [option: Option, value: string | true];

/** Joins lists that are given several times; of other options the last one wins. */
export function gather(occurrences: Iterable<Occurrence>): RawOptions {
  const gathered: Partial<Record<OptionName, string | true>> = {};
  for (const [{ name, list }, value] of occurrences) {
    const before = gathered[name];
    gathered[name] = list === true && before !== undefined ? `${String(before)},${String(value)}` : value;
  }
  return gathered;
}
