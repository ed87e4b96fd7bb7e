/** Words what is wrong with a command line. */
import { COMMANDS } from './table/commands.ts';
import { namesOf, OPTIONS, spellings } from './table/options.ts';
import { suggest } from '../text/suggest.ts';

/** Our wording of commander's messages; the first match counts. */
const WORDING: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^unknown command '(.*)'/, unknownCommand],
  [/^option '.*(--[\w-]+) <.*' argument missing/, (flag) => `missing value for '${flag}'`],
  [/^missing required argument '(.*)'/, (operand) => `missing argument ${operand}`],
  [/^too many arguments for '(.*)'\. Expected 0/, (command) => `'procsup ${command}' takes no arguments`],
];

/** `text` is commander's; `command` the one it is about. */
export function worded(text: string, command = ''): string {
  const message = text.replace(/^error: /, '').trimEnd();
  const [, flag] = /^unknown option '(--?[^'=]+)/.exec(message) ?? [];
  if (flag !== undefined) return `procsup: ${unknownOption(command, flag, message)}\n`;
  for (const [pattern, word] of WORDING) {
    const found = pattern.exec(message);
    if (found !== null) return `procsup: ${word(...found.slice(1), message)}\n`;
  }
  return `procsup: ${message}\n`;
}

export function unknownCommand(word: string): string {
  const told = FOREIGN_COMMANDS.find(([name]) => name === word);
  if (told !== undefined) return `unknown command '${word}'; ${told[1]}`;
  const meant = suggest(word, COMMANDS.flatMap(namesOf));
  return `unknown command '${word}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`;
}

/** Words of other tools for which ours are used in another way. */
const FOREIGN_COMMANDS: readonly (readonly [word: string, remedy: string])[] = [
  ['delete', "'procsup down' stops all processes and the supervisor"],
  ['echo', "'procsup logs -f' follows the output"],
  ['exec', "'procsup run' runs a command"],
  ['export', 'procsup has no export'],
  ['save', 'procsup keeps nothing: the Procfile names what is started'],
];

const FOREIGN_OPTIONS: readonly (readonly [flags: RegExp, commands: RegExp, remedy: string])[] = [
  [/^-l$/, /^start$/, "name the processes without an option, as in 'procsup start web worker'"],
  [/^-l$/, /^logs$/, "use '-n COUNT' for the last lines"],
  [/^-v/, /^pool$/, "use '-t' to print each command line to stderr"],
  [/^(-L|--max-lines)/, /^pool$/, "use '-n COUNT' for several lines in a job"],
  [/^(-s|--max-chars)/, /^pool$/, "use '-n COUNT' to limit the values of a job"],
  [/^--tmpdir$/, /^pool$/, "set the variable TMPDIR, as in 'TMPDIR=DIR procsup pool ...'"],
  [/^(-S|--sshlogin|--sshloginfile|--slf)/, /^pool$/, 'procsup runs jobs on this machine only'],
  [
    /^(--pipe|--pipepart|--block|--round-robin)$/,
    /^pool$/,
    'jobs have no stdin; name the parts of the input as values',
  ],
  [/^(--shuf|--header|--trim)$/, /^pool$/, "change the input: as in 'shuf FILE | procsup pool ...'"],
  [/^-v$/, /^/, "print the version with 'procsup --version'"],
];

/** The option may be a known one in the wrong place, or with a value that it does not take. */
function unknownOption(command: string, flag: string, message: string): string {
  const told = FOREIGN_OPTIONS.find(([flags, commands]) => flags.test(flag) && commands.test(command));
  if (told !== undefined) return `unknown option '${flag}'; ${told[2]}`;
  const all = OPTIONS.filter((candidate) => spellings(candidate).includes(flag));
  const bare = all.find(({ value }) => value === undefined);
  if (bare !== undefined && message.includes(`'${flag}=`)) {
    const { forms } = bare;
    return `'${flag}' takes no value${forms === undefined ? '' : ` except ${forms.join(', ')}`}`;
  }
  const commands = all.flatMap((option) => (option.commands === 'global' ? [] : option.commands));
  if (commands.length > 0) {
    const places = commands.map((command) => `'procsup ${command}'`);
    return `option '${flag}' is not valid here; use it after ${places.join(' or ')}`;
  }
  // Commander also finds similar what no slip of the keys would make of it.
  const found = /Did you mean (?:one of )?(.+)\?/.exec(message)?.[1]?.split(', ') ?? [];
  const meant = suggest(flag, found);
  return `unknown option '${flag}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`;
}
