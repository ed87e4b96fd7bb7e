import { scriptFor } from './command.ts';

const POSITIONAL = /\$\{?[#@*1-9]/;

/**
 * The shell script that runs a process's command with the shell's arguments added: where the command itself says so
 * (`"$@"`, `$1`), else at the end of a single simple command. Undefined where neither holds: an argument after
 * `a && b` might be meant for both, and after `a &` or a comment it would be no argument at all.
 */
export function withArguments(command: string): string | undefined {
  if (POSITIONAL.test(command)) return command;
  const bare = command.replace(/^exec[ \t]+/, '');
  const script = scriptFor(bare);
  // Only a simple command is given an `exec`; a word that begins with `#` may begin a comment.
  if (script === bare || /\s#/.test(bare)) return undefined;
  return `${script} "$@"`;
}
