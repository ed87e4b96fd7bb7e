import type { Replanned } from '../../control/api.ts';
import { replannedText } from '../../ui/replanned-text.ts';
import { printJson } from './answers.ts';
import { statusOfResults } from './change.ts';
import type { CommandContext } from './control-command.ts';

/** Prints the changes made by `scale` or `reload`, and returns our exit status. */
export function printReplanned({ io }: CommandContext, replanned: Replanned, json: boolean): number {
  for (const warning of replanned.warnings) io.stderr(`procsup: ${warning}\n`);
  if (json) printJson(io, replanned);
  else io.stdout(replannedText(replanned));
  return statusOfResults(
    'start',
    // An instance that was removed and was not running has not failed.
    replanned.results.filter(({ name }) => !replanned.removed.includes(name)),
  );
}
