/** `procsup completion`: prints the completion script of a shell. Nothing about the project is in it. */
import { STATUS } from '../../core/process/exit.ts';
import { suggest } from '../../text/suggest.ts';
import type { Io } from '../io.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { SHELLS, type Shell } from '../completion/model.ts';
import { zshScript } from '../completion/zsh.ts';

const SCRIPTS: Readonly<Record<Shell, () => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Without a word the user's shell is meant. */
export function completion(word: string | undefined, io: Pick<Io, 'stdout' | 'stderr' | 'env'>): number {
  const asked = word ?? io.env['SHELL']?.replace(/^.*\//, '');
  const shell = SHELLS.find((name) => name === asked);
  if (shell !== undefined) {
    io.stdout(SCRIPTS[shell]());
    return STATUS.success;
  }
  io.stderr(`procsup: ${word === undefined ? missing(asked) : unknown(word)}\n`);
  return STATUS.usage;
}

function missing(own: string | undefined): string {
  const hint = own === undefined ? '' : ` (there is no completion for your shell '${own}')`;
  return `missing argument SHELL${hint}; use bash, zsh or fish`;
}

function unknown(word: string): string {
  const meant = suggest(word, SHELLS);
  const remedy =
    meant === undefined ? 'use bash, zsh or fish' : `did you mean '${meant}'? Use bash, zsh or fish`;
  return `unknown shell '${word}'; ${remedy}`;
}
