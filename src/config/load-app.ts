import type { EnvFile, ProcfileEntry } from '../core/plan/sources.ts';
import { dirname, join, resolve } from 'node:path';
import type { AppFile } from './app-file.ts';
import type { AppSpec } from '../core/plan/app-spec.ts';
import type { RealEnv } from '../core/plan/environment.ts';
import { planApp, type PlanInput } from './plan-app.ts';
import { hasErrors, type Checked, type Problem } from '../core/problem.ts';
import { quoteWords } from '../core/shell/words.ts';
import { kindOf, readText, type TextRead } from '../os/files/text-file.ts';

/** What the command line says about the application, unparsed. */
export interface AppOptions {
  /** `-f`: relative to the current directory. */
  readonly file?: string | undefined;
  /** `-C` */
  readonly root?: string | undefined;
  /** `-e`: each may be a list with commas, relative to the current directory; the later wins. */
  readonly env?: readonly string[] | undefined;
  /** `-p` */
  readonly port?: string | undefined;
  /** `-m` */
  readonly formation?: string | undefined;
  /** Given instead of files: no Procfile is read, no procsup.yaml, and no environment file that is not named. */
  readonly processes?: readonly ProcfileEntry[] | undefined;
  /** Processes that were named; none means all. */
  readonly names?: readonly string[] | undefined;
  readonly forceColor?: boolean | undefined;
  /** Where port and formation come from, if not from the options of these names. */
  readonly labels?: PlanInput['labels'];
  /** A project without a Procfile will do too, unless one was named. */
  readonly procfileIsOptional?: boolean | undefined;
  /** Pipelines are no concern of the command: procsup.yaml is not read, whatever is wrong with it. */
  readonly withoutPipelines?: boolean | undefined;
}

/** A path as the user would write it, and where it is. */
interface Named {
  readonly file: string;
  readonly path: string;
  readonly byUser: boolean;
}

/** An application, and what it was planned from: it is planned anew when it is scaled. */
export interface LoadedApp extends Checked<AppSpec> {
  readonly input?: PlanInput;
}

/** Everything from the user's files and words to what is to be run, with all problems of all of them. */
export async function loadApp(options: AppOptions, realEnv: RealEnv, cwd: string): Promise<LoadedApp> {
  const base = baseOf(options, cwd);
  const root = resolve(cwd, base);
  const rootProblems = problemsOfRoot(base, root, options);
  if (rootProblems.length > 0) return { value: undefined, problems: rootProblems };

  const { processes } = options;
  const env = await loadEnvFiles(options.env, base, cwd, processes === undefined);
  const appFile =
    options.withoutPipelines || processes !== undefined ? NO_APP_FILE : await loadAppFile(base, cwd);
  const procfile =
    processes === undefined
      ? loadProcfile(procfileOf(options, env.files, base, cwd), options, appFile.value)
      : { value: { entries: processes }, problems: [] };
  const input = {
    ...options,
    root,
    realEnv,
    envFiles: env.files,
    procfile: procfile.value,
    appFile: appFile.value,
  };
  const plan = planApp(input);
  const problems = [...env.problems, ...procfile.problems, ...appFile.problems, ...plan.problems];
  return { value: hasErrors(problems) ? undefined : plan.value, problems, input };
}

/** The directory that everything runs in, as an absolute path. */
export function rootOf(options: Pick<AppOptions, 'root' | 'file'>, cwd: string): string {
  return resolve(cwd, baseOf(options, cwd));
}

/** The root as the user would write it. A Procfile that is a pipe (`-f <(...)`) has no directory to speak of. */
function baseOf({ root, file }: Pick<AppOptions, 'root' | 'file'>, cwd: string): string {
  if (root !== undefined) return root;
  if (file === undefined || kindOf(resolve(cwd, file)) === 'other') return '.';
  return dirname(file);
}

const WHY_NO_ROOT = {
  missing: 'there is no such directory',
  file: 'it is not a directory',
  other: 'it is not a directory',
  'out of reach': 'permission denied',
} as const;

function problemsOfRoot(base: string, root: string, { root: named, file }: AppOptions): Problem[] {
  const kind = kindOf(root);
  if (kind === 'directory') return [];
  const why = WHY_NO_ROOT[kind];
  if (named === undefined && file !== undefined) {
    const message = `cannot read the Procfile '${file}': '${base}': ${why}`;
    return [error('root-not-directory', message, 'check the path after -f')];
  }
  return [
    error(
      'root-not-directory',
      `cannot run in '${base}': ${why}`,
      'name the directory of the project with -C',
    ),
  ];
}

function procfileOf(options: AppOptions, envFiles: readonly EnvFile[], base: string, cwd: string): Named {
  if (options.file !== undefined)
    return { file: options.file, path: resolve(cwd, options.file), byUser: true };
  const fromEnv = envFiles.findLast(({ values }) => values['PROCFILE'])?.values['PROCFILE'];
  const name = fromEnv ?? 'Procfile';
  const file = name.startsWith('/') ? name : join(base, name);
  return { file, path: resolve(cwd, base, name), byUser: fromEnv !== undefined };
}

/** Beside pipelines there need not be any; a procsup.yaml that cannot be read is a problem of its own. */
function loadProcfile(
  named: Named,
  options: AppOptions,
  appFile: AppFile | undefined,
): Checked<Exclude<PlanInput['procfile'], undefined>> {
  const read = readText(named.path);
  if (read.ok) return { value: { file: named.file, text: read.text }, problems: [] };
  const isOptional =
    options.procfileIsOptional === true || (appFile !== undefined && appFile.pipelines?.length !== 0);
  if (isOptional && read.error === 'ENOENT' && !named.byUser) {
    return { value: 'none', problems: [] };
  }
  const problem = error(
    'procfile-unreadable',
    `cannot read the Procfile '${named.file}': ${read.reason}`,
    remedyForProcfile(read, options),
  );
  return { value: undefined, problems: [problem] };
}

function remedyForProcfile(
  { error }: Extract<TextRead, { ok: false }>,
  { file }: AppOptions,
): string | undefined {
  if (error === 'NOT_UTF8') return 'save it as UTF-8';
  if (error !== 'ENOENT') return undefined;
  const create = "create it with a line such as 'web: node server.js'";
  return file === undefined ? `name another with -f, or ${create}` : `check the path after -f, or ${create}`;
}

const APP_FILE = 'procsup.yaml';
const NO_APP_FILE: Checked<AppFile> = { value: undefined, problems: [] };

/** The file of the root. What reads it is a chunk of its own, and loaded only where there is something to read. */
async function loadAppFile(base: string, cwd: string): Promise<Checked<AppFile>> {
  const path = resolve(cwd, base, APP_FILE);
  if (kindOf(path) === 'missing') return { value: undefined, problems: misnamedAppFile(base, cwd) };
  const { readAppFileAt } = await import('./read-app-file.ts');
  return { value: readAppFileAt(join(base, APP_FILE), path), problems: [] };
}

function misnamedAppFile(base: string, cwd: string): Problem[] {
  const name = 'procsup.yml';
  if (kindOf(resolve(cwd, base, name)) === 'missing') return [];
  const file = join(base, name);
  return [
    {
      code: 'app-file-misnamed',
      severity: 'warning',
      message: `'${file}' is not read: the file is named ${APP_FILE}`,
      remedy: `rename it: mv ${quoteWords([file, join(base, APP_FILE)])}`,
    },
  ];
}

interface LoadedEnvFiles {
  readonly files: readonly EnvFile[];
  readonly problems: readonly Problem[];
}

async function loadEnvFiles(
  names: readonly string[] | undefined,
  base: string,
  cwd: string,
  readsDefault: boolean,
): Promise<LoadedEnvFiles> {
  const { wanted, problems } = names
    ? namedEnvFiles(names, cwd)
    : readsDefault
      ? defaultEnvFile(base, cwd)
      : { wanted: [], problems: [] };
  const files: EnvFile[] = [];
  for (const { file, path } of wanted) {
    const read = readText(path);
    if (read.ok) files.push(await parsed(file, read.text));
    else problems.push(unreadableEnvFile(file, read));
  }
  return { files, problems };
}

/** dotenv is loaded only where there is something to parse: it is a chunk of its own. */
async function parsed(file: string, text: string): Promise<EnvFile> {
  const { parseEnvFile } = await import('./dotenv.ts');
  return parseEnvFile(file, text);
}

interface WantedEnvFiles {
  readonly wanted: readonly Named[];
  readonly problems: Problem[];
}

// A directory `.env` is a Python virtual environment.
function defaultEnvFile(base: string, cwd: string): WantedEnvFiles {
  const path = resolve(cwd, base, '.env');
  const kind = kindOf(path);
  const exists = kind !== 'missing' && kind !== 'directory';
  return { wanted: exists ? [{ file: join(base, '.env'), path, byUser: false }] : [], problems: [] };
}

function namedEnvFiles(names: readonly string[], cwd: string): WantedEnvFiles {
  const files = names.flatMap((list) => list.split(',')).filter((file) => file !== '');
  const problems = [];
  if (files.length === 0) {
    problems.push(
      error('env-file-unnamed', '-e names no file', "name one: '-e .env.test', or '-e /dev/null' for none"),
    );
  }
  return { wanted: files.map((file) => ({ file, path: resolve(cwd, file), byUser: true })), problems };
}

function unreadableEnvFile(file: string, read: Extract<TextRead, { ok: false }>): Problem {
  const remedy = { ENOENT: 'check the path after -e', NOT_UTF8: 'save it as UTF-8' }[read.error];
  return error('env-file-unreadable', `cannot read the environment file '${file}': ${read.reason}`, remedy);
}

function error(code: string, message: string, remedy?: string): Problem {
  return { code, severity: 'error', message, ...(remedy !== undefined && { remedy }) };
}
