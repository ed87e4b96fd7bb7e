import type { CommandName } from './commands-table.ts';
import type { Option, OptionName } from './options.ts';

/** What was written, not yet what it means: values are unchecked, defaults and environment not yet applied. */
export interface CommandLine {
  readonly command: CommandName;
  readonly operands: readonly string[];
  readonly options: RawOptions;
}

/** A switch that was given is `true`. */
export type RawOptions = Readonly<Partial<Record<OptionName, string | true>>>;

/** One option as it stands on the command line, in the order of writing. */
export type Occurrence = readonly [option: Option, value: string | true];

/** Lists given several times are joined; of everything else the last one wins. */
export function gather(occurrences: Iterable<Occurrence>): RawOptions {
  const gathered: Partial<Record<OptionName, string | true>> = {};
  for (const [{ name, list }, value] of occurrences) {
    const before = gathered[name];
    gathered[name] = list === true && before !== undefined ? `${String(before)},${String(value)}` : value;
  }
  return gathered;
}
