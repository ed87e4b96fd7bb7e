/** What the help says of each option. */
import { EXCHANGE_OPTIONS } from '../exchange/options.ts';
import { POOL_OPTIONS } from '../pool/options.ts';
import { QUEUE_OPTIONS } from '../queue/options.ts';
import type { CommandName } from '../table/commands.ts';
import { CONTROL_OPTIONS } from '../table/control-options.ts';
import type { OptionSpec } from '../table/option-spec.ts';
import type { Option } from '../table/options.ts';
import { RUN_OPTIONS } from '../table/run-options.ts';
import { SHARE_OPTIONS } from '../table/share-options.ts';
import { TASK_OPTIONS } from '../task/options.ts';
import { CONTROL_OPTION_WORDS } from './control-options.ts';
import { EXCHANGE_OPTION_WORDS } from './exchange-options.ts';
import { POOL_OPTION_WORDS } from './pool-options.ts';
import { QUEUE_OPTION_WORDS } from './queue-options.ts';
import { RUN_OPTION_WORDS } from './run-options.ts';
import { TASK_OPTION_WORDS } from './task-options.ts';
import { SHARE_OPTION_WORDS } from './share-options.ts';
import type { OptionWords } from './words.ts';

type Table = readonly [rows: readonly OptionSpec[], words: Readonly<Record<string, OptionWords>>];

const TABLES: readonly Table[] = [
  [RUN_OPTIONS, RUN_OPTION_WORDS],
  [CONTROL_OPTIONS, CONTROL_OPTION_WORDS],
  [SHARE_OPTIONS, SHARE_OPTION_WORDS],
  [POOL_OPTIONS, POOL_OPTION_WORDS],
  [QUEUE_OPTIONS, QUEUE_OPTION_WORDS],
  [EXCHANGE_OPTIONS, EXCHANGE_OPTION_WORDS],
  [TASK_OPTIONS, TASK_OPTION_WORDS],
];

export interface DescribedOption extends Option {
  readonly description: string;
}

/** `command` is the one in whose help they stand; without one it is the help of procsup itself. */
export function describedOptions(
  options: readonly Option[],
  command?: CommandName,
): readonly DescribedOption[] {
  return options.map((option) => ({ ...option, description: descriptionOf(option, command) }));
}

function descriptionOf({ name, commands }: Option, command?: CommandName): string {
  // Options of different commands share names. No two rows share the list of commands itself.
  const found = TABLES.find(([rows]) => rows.some((row) => row.name === name && row.commands === commands));
  const words = found?.[1][name] ?? {};
  if (typeof words === 'string') return words;
  const own = command === undefined || commands === 'global' ? undefined : words[command];
  const description = own ?? words.others;
  if (description === undefined) throw new Error(`no words for --${name} of ${command ?? 'all commands'}`);
  return description;
}
