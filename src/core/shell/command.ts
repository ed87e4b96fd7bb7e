/**
 * `/bin/sh -c 'node server.js'` would leave a shell waiting beside the program on some systems, and signals would
 * reach the shell first. `exec` replaces it, which is safe for one simple command only: what follows recognises
 * such commands by a deliberately small grammar, and everything else is left as it is.
 */

// Quotes, backslashes and nesting inside these are where shells differ: such commands do not match.
const PARAMETER = String.raw`\$\{[\w@*#?!-]+(?::?[-+=?%#]{1,2}[^"'\x60\\\${}]*)?\}`;
const BACKTICKS = String.raw`\x60[^\x60\\'"]*\x60`;
// `case x in a)` has a parenthesis that closes nothing.
const SUBSTITUTION = String.raw`\$\((?![^)]*\bcase\b)(?:[^()'"\\\x60#<$]|'[^']*'|"[^"\\\x60$]*"|\$\w)*\)`;
const EXPANSION = `${PARAMETER}|${BACKTICKS}|${SUBSTITUTION}`;
const DOUBLE_QUOTED = String.raw`"(?:[^"\\\x60$]|\\[^]|${EXPANSION}|\$(?![({]))*"`;
const WORD = new RegExp(
  String.raw`(?:[^\s'"\\\x60$;&|<>()#]|(?<![\s;&|<>()]|^)#|'[^']*'|${DOUBLE_QUOTED}|\\[^]|${EXPANSION}|\$(?![({'"]))+`,
  'y',
);
const BLANKS = /[ \t]*/y;
const REDIRECTION = /\d*(?:>>|>\||>&|<&|<>|>|<(?!<))[ \t]*/y;
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const PROGRAM = /^[\w./][\w./+:@%,-]*$/;
/** More cannot be one argument of a program on Linux (MAX_ARG_STRLEN), and long lines would exhaust the regex engine. */
const LONGEST_COMMAND = 100_000;

/** Reserved words and builtins of dash, bash, ash, ksh and zsh: for these `exec` changes the meaning, or fails. */
const SHELL_WORDS = new Set(
  (
    '. : [ [[ alias autoload bg bind break builtin caller case cd chdir command compgen complete compopt ' +
    'continue coproc declare dirs disown do done echo elif else emulate enable esac eval exec exit export ' +
    'false fc fg fi float for foreach function getopts hash help history if in integer jobs kill let local ' +
    'logout mapfile nocorrect noglob popd print printf pushd pwd read readarray readonly repeat return select ' +
    'set setopt shift shopt source suspend test then time times trap true type typeset ulimit umask unalias ' +
    'unset unsetopt until wait whence where which while'
  ).split(' '),
);

/** What `/bin/sh -c` is to get: `command`, with `exec` before the program where output and status stay the same. */
export function scriptFor(command: string): string {
  const at = programAt(command);
  return at === undefined ? command : `${command.slice(0, at)}exec ${command.slice(at)}`;
}

/** The program of a script that does nothing else; a variable before it might change where it is looked for. */
export const programOf = (script: string): string | undefined =>
  /^exec ([\w./][\w./+:@%,-]*)(?=\s|$)/.exec(script)?.[1];

/** Index of the program's name if `command` is one simple command that can be replaced by its program. */
function programAt(command: string): number | undefined {
  if (command.length > LONGEST_COMMAND || /[\n\r\0]/.test(command)) return undefined;
  let program: number | undefined;
  let assigns = false;
  let redirectsToExpansion = false;
  for (let at = skip(BLANKS, command, 0); at < command.length; at = skip(BLANKS, command, at)) {
    if (command[at] === '#') break;
    const target = skip(REDIRECTION, command, at);
    const end = skip(WORD, command, target);
    if (end === target) return undefined;
    const word = command.slice(target, end);
    if (target > at) redirectsToExpansion ||= /[$`]/.test(word);
    else if (program === undefined && ASSIGNMENT.test(word)) assigns = true;
    else if (program === undefined) {
      if (!PROGRAM.test(word) || SHELL_WORDS.has(word)) return undefined;
      program = at;
    }
    at = end;
  }
  // POSIX lets a shell expand redirections after assignments when the command is a special builtin such as `exec`.
  return assigns && redirectsToExpansion ? undefined : program;
}

/** The index after what `pattern` (sticky) matches at `at`; `at` itself if it does not match. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
