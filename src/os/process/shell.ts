/**
 * The shell for an environment. Most shells that are /bin/sh (dash, the one of busybox) pass on those variables only
 * whose names they could have made themselves: `app.name`, `npm_config_//registry` and `BASH_FUNC_x%%` are lost in them,
 * for the program that replaces them as well. bash keeps them, so it is taken where there is one of these. It is told to
 * behave as sh, to read no startup file (it would where stdin is a socket), and by `-p` to take no functions out of the
 * environment: they are passed on as they are.
 */
import { accessSync, constants, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { oddNames } from '../../core/plan/environment.ts';

export interface Shell {
  readonly file: string;
  /** Before `-c`. */
  readonly flags: readonly string[];
}

const SH: Shell = { file: '/bin/sh', flags: [] };
const USUAL_DIRECTORIES = ['/bin', '/usr/bin', '/usr/local/bin'];

export function shellFor(env: Readonly<Record<string, string | undefined>>): Shell {
  if (oddNames(env).length === 0) return SH;
  const file = keepingShell();
  if (file === undefined || file === SH.file) return SH;
  return { file, flags: ['--norc', '--posix', '-p'] };
}

/** The shell that keeps such variables: /bin/sh itself, else bash; undefined where there is none. */
export function keepingShell(): string | undefined {
  found ??= { file: findKeepingShell() };
  return found.file;
}

let found: { readonly file: string | undefined } | undefined;

function findKeepingShell(): string | undefined {
  try {
    if (realpathSync(SH.file).endsWith('/bash')) return SH.file;
  } catch {
    // Whoever starts something will be told that there is no shell.
  }
  const directories = [...USUAL_DIRECTORIES, ...(process.env['PATH'] ?? '').split(':')];
  return directories
    .filter((one) => one.startsWith('/'))
    .map((one) => join(one, 'bash'))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
