/** What a shell offers at Tab, by its real completion code. */
import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shell } from '../../src/cli/completion/model.ts';
import { PROCSUP } from './procsup.ts';
import { scratch } from './scratch.ts';

export const hasShell = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Candidates for the last of `words`, sorted; what the shell printed beside them is an error. */
export function complete(shell: Shell, words: readonly string[], place: Place): readonly string[] {
  const directory = scratch();
  symlinkSync(PROCSUP, join(directory, 'procsup'));
  const env = {
    ...place.env,
    PATH: `${directory}:${process.env['PATH'] ?? ''}`,
    HOME: directory,
    TERM: 'dumb',
  };
  const script = join(directory, `completion.${shell}`);
  writeFileSync(script, execFileSync(PROCSUP, ['completion', shell], { env, cwd: place.cwd }));
  const { status, stdout, stderr } = spawnSync(shell, DRIVERS[shell](script, words, directory), {
    cwd: place.cwd,
    env,
    encoding: 'utf8',
  });
  if (status !== 0 || stderr !== '') throw new Error(`${shell} ended with ${String(status)}: ${stderr}`);
  return [...new Set(stdout.split('\n').filter((line) => line !== ''))].sort();
}

type Driver = (script: string, words: readonly string[], directory: string) => readonly string[];

const DRIVERS: Readonly<Record<Shell, Driver>> = {
  bash: (script, words) => [...['--norc', '-c', BASH, 'bash', script], ...words],
  zsh: (script, words, directory) => [
    '-f',
    '-c',
    ZSH,
    'zsh',
    script,
    words.join(' '),
    join(directory, 'found'),
  ],
  // The description follows a tab.
  fish: (script, words) => [
    ...['-N', '-c', "source $argv[1]; complete -C $argv[2] | string replace -r '\\t.*' ''; true"],
    ...[script, words.join(' ')],
  ],
};

const BASH = `
source "$1" || exit 1
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_procsup
[[ \${#COMPREPLY[@]} == 0 ]] || printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** A terminal with a zsh in it, whose Tab writes what it would offer into a file, and a last line when it is done. */
const ZSH = `
zmodload zsh/zpty zsh/zselect
export PROCSUP_FOUND=$3 PROCSUP_SCRIPT=$1
: > $3
zpty shell zsh -f -i
zpty -w shell 'PS1= PS2=; autoload -Uz compinit; compinit -u -D; source $PROCSUP_SCRIPT
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- "\${hits[@]}" >> $PROCSUP_FOUND
  builtin compadd "$@"
}
finish() { print -r -- ":end:" >> $PROCSUP_FOUND }
comppostfuncs=(finish)
offer() { zle complete-word }; zle -N offer
bindkey "^I" complete-word
print ready >> $PROCSUP_FOUND'
until grep -q ready $3; do zpty -r -t shell junk; zselect -t 1; done
: > $3
zpty -w -n shell "$2"$'\\t'
until grep -q :end: $3; do zpty -r -t shell junk; zselect -t 1; done
zpty -d shell
grep -v :end: $3
true
`;
