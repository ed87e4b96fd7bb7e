import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The result of a search for a command. */
export type FoundProgram =
  { readonly kind: 'program'; readonly path: string } | NotExecutable | { readonly kind: 'missing' };

export interface NotExecutable {
  readonly kind: 'not-executable';
  readonly path: string;
  /** `is a directory` */
  readonly why: string;
  readonly remedy?: string;
}

const DIRECTORY = 'is a directory';

/** Where shells look when there is no PATH at all. */
const STANDARD_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Finds a program as `execvp` would, but says why not. A word with a slash is a path; any other is searched on `path`,
 * where a file that cannot be executed does not end the search. Relative places are those of `root`.
 */
export function findProgram(word: string, path: string | undefined, root: string): FoundProgram {
  if (word.includes('/')) return look(resolve(root, word));

  let best: FoundProgram = { kind: 'missing' };
  if (word === '') return best;
  for (const directory of (path ?? STANDARD_PATH).split(':')) {
    const found = look(resolve(root, directory, word));
    if (found.kind === 'program') return found;
    // On the PATH a directory that happens to have the name is no near miss.
    if (best.kind === 'missing' && found.kind === 'not-executable' && found.why !== DIRECTORY) best = found;
  }
  return best;
}

function look(path: string): FoundProgram {
  let status;
  try {
    status = statSync(path, { throwIfNoEntry: false });
  } catch {
    // A directory that we may not look into, or a part of the path that is none.
  }
  if (status === undefined) return { kind: 'missing' };
  if (status.isDirectory()) return { kind: 'not-executable', path, why: DIRECTORY };
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return { kind: 'not-executable', path, why: 'not executable', remedy: `run 'chmod +x ${path}'` };
  }
  return lacksInterpreter(path) ?? { kind: 'program', path };
}

const LONGEST_FIRST_LINE_BYTES = 255;

/** A script whose `#!` line names a missing program: the system only reports that something is missing. */
function lacksInterpreter(path: string): NotExecutable | undefined {
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(startOf(path))?.[1];
  if (interpreter === undefined || statSync(interpreter, { throwIfNoEntry: false }) !== undefined)
    return undefined;
  const remedy = interpreter.endsWith('\r')
    ? 'the file has Windows line endings: remove the carriage returns'
    : 'correct its first line, or install the interpreter';
  return {
    kind: 'not-executable',
    path,
    why: `interpreter '${interpreter.replace('\r', '\\r')}' not found`,
    remedy,
  };
}

function startOf(path: string): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const start = Buffer.alloc(LONGEST_FIRST_LINE_BYTES);
      return start.toString('utf8', 0, readSync(fd, start));
    } finally {
      closeSync(fd);
    }
  } catch {
    // A program may be executable and not readable.
    return '';
  }
}
