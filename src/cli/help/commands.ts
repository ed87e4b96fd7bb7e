/** What the help says of each command. */
import type { CommandName } from '../table/commands.ts';
import { LOOK_COMMAND_WORDS } from './look-commands.ts';
import { PROCESS_COMMAND_WORDS } from './process-commands.ts';
import { SHARE_COMMAND_WORDS } from './share-commands.ts';
import type { CommandWords, Group } from './words.ts';

/** Of `procsup help`, which is commander's own command. */
export const HELP_GROUP: Group = 'Files and shell';
export const HELP_SUMMARY = 'print help for a command';

export const COMMAND_WORDS: Readonly<Record<CommandName, CommandWords>> = {
  ...PROCESS_COMMAND_WORDS,
  ...SHARE_COMMAND_WORDS,
  ...LOOK_COMMAND_WORDS,
};
