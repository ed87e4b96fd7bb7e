/** Reads the environment files: `.env` of the project, or those named with -e. */
import { join, resolve } from 'node:path';
import type { EnvFile } from '../../core/plan/sources.ts';
import type { Problem } from '../../core/problem.ts';
import { kindOf, readText, type TextRead } from '../../os/files/text-file.ts';
import { singleQuoted } from './warnings.ts';
import { readFile, type ReadFile } from '../read-files.ts';

/** As in `AppOptions`. */
interface EnvFileOptions {
  readonly env?: readonly string[] | undefined;
  readonly processes?: readonly unknown[] | undefined;
  readonly mayBlock?: boolean | undefined;
}

/** From what values are expanded: the real environment. Undefined: they are not. */
type ExpandFrom = Readonly<Record<string, string | undefined>> | undefined;

/** A path as written by the user, and its absolute form. */
export interface Named {
  readonly file: string;
  readonly path: string;
  readonly byUser: boolean;
}

export const isMissing = ({ error }: Extract<TextRead, { ok: false }>): boolean =>
  error === 'ENOENT' || error === 'ENOTDIR';

export interface LoadedEnvFiles {
  readonly files: readonly EnvFile[];
  readonly read: readonly ReadFile[];
  readonly problems: readonly Problem[];
}

export async function loadEnvFiles(
  { env: names, processes, mayBlock = false }: EnvFileOptions,
  base: string,
  cwd: string,
  expandFrom?: ExpandFrom,
): Promise<LoadedEnvFiles> {
  const { wanted, problems } = names
    ? namedEnvFiles(names, cwd)
    : processes === undefined
      ? defaultEnvFile(base, cwd)
      : { wanted: [], problems: [] };
  const files: EnvFile[] = [];
  const readFiles: ReadFile[] = [];
  for (const { file, path, byUser } of wanted) {
    const read = await readText(path, { pipes: byUser, mayBlock });
    // What a pipe contained cannot be compared later.
    if (kindOf(path) !== 'other') readFiles.push(readFile(path, read.ok ? read.text : null));
    if (read.ok)
      files.push(await parsed(file, read.text, expandFrom && { ...expandFrom, ...valuesOf(files) }));
    else if (byUser || !isNoEnvFile(read)) problems.push(unreadableEnvFile(file, read));
  }
  return { files, read: readFiles, problems };
}

/** dotenv is a chunk of its own, loaded only if there is a file to parse. */
async function parsed(file: string, text: string, expandFrom: ExpandFrom): Promise<EnvFile> {
  const { parseEnvFile } = await import('./dotenv.ts');
  if (expandFrom === undefined) return parseEnvFile(file, text);
  const { expandValues } = await import('./dotenv-expand.ts');
  const read = parseEnvFile(file, text, true);
  return { ...read, values: expandValues(read.values, singleQuoted(text), expandFrom) };
}

/** The later file wins. */
const valuesOf = (files: readonly EnvFile[]): Readonly<Record<string, string>> =>
  Object.assign({}, ...files.map(({ values }) => values)) as Readonly<Record<string, string>>;

interface WantedEnvFiles {
  readonly wanted: readonly Named[];
  readonly problems: Problem[];
}

function defaultEnvFile(base: string, cwd: string): WantedEnvFiles {
  const path = resolve(cwd, base, '.env');
  return { wanted: [{ file: join(base, '.env'), path, byUser: false }], problems: [] };
}

/** A directory `.env` is a Python virtual environment. */
const isNoEnvFile = (read: Extract<TextRead, { ok: false }>): boolean =>
  isMissing(read) || read.error === 'EISDIR';

function namedEnvFiles(names: readonly string[], cwd: string): WantedEnvFiles {
  const files = names.flatMap((list) => list.split(',')).filter((file) => file !== '');
  const problems = [];
  if (files.length === 0) {
    problems.push(
      error(
        'env-file-unnamed',
        'missing file name after -e',
        "use for example '-e .env.test', or '-e /dev/null' for none",
      ),
    );
  }
  return { wanted: files.map((file) => ({ file, path: resolve(cwd, file), byUser: true })), problems };
}

function unreadableEnvFile(file: string, read: Extract<TextRead, { ok: false }>): Problem {
  const remedy = { ENOENT: 'check the path after -e', NOT_UTF8: 'save it as UTF-8' }[read.error];
  return error('env-file-unreadable', `cannot read the environment file '${file}': ${read.reason}`, remedy);
}

export function error(code: string, message: string, remedy?: string): Problem {
  return { code, severity: 'error', message, ...(remedy !== undefined && { remedy }) };
}
