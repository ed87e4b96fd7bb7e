/** The directory of the project: -C, else that of the Procfile. */
import { dirname, resolve } from 'node:path';
import { kindOf } from '../os/files/text-file.ts';

/** As in `AppOptions`. */
interface RootOptions {
  readonly root?: string | undefined;
  readonly file?: string | undefined;
  readonly procfileText?: string | undefined;
}

/** The directory in which everything runs, as an absolute path. */
export function rootOf(options: RootOptions, cwd: string): string {
  return resolve(cwd, baseOf(options, cwd));
}

/** The root as written by the user. A Procfile that is a pipe (`-f <(...)`) has no usable directory. */
export function baseOf({ root, file, procfileText }: RootOptions, cwd: string): string {
  if (root !== undefined) return root;
  if (file === undefined || procfileText !== undefined || kindOf(resolve(cwd, file)) === 'other') return '.';
  return dirname(file);
}
