import { dirname, join, resolve } from 'node:path';
import type { EnvFile, PlanReading } from '../core/plan/sources.ts';
import type { AppSpec } from '../core/plan/app-spec.ts';
import type { Comforts, RealEnv } from '../core/plan/environment.ts';
import { planApp, type PlanInput } from '../core/plan/plan-app.ts';
import type { ServicePlan } from '../core/plan/process-plan.ts';
import { hasErrors, type Checked, type Problem } from '../core/problem.ts';
import { quoteWords } from '../core/shell/words.ts';
import { findLocalBin } from '../os/files/local-bin.ts';
import { kindOf, readText, type TextRead } from '../os/files/text-file.ts';
import { readProcfile } from './procfile.ts';

/** The options about the application, unparsed. */
export interface AppOptions {
  /** `-f`: relative to the current directory. */
  readonly file?: string | undefined;
  /** What the Procfile contains: it is a pipe and cannot be read twice. */
  readonly procfileText?: string | undefined;
  /** `-C` */
  readonly root?: string | undefined;
  /** `-e`: each may be a comma-separated list, relative to the current directory; later files override earlier ones. */
  readonly env?: readonly string[] | undefined;
  /** `-p` */
  readonly port?: string | undefined;
  /** `-m` */
  readonly formation?: string | undefined;
  /** Given instead of files: no Procfile, no procsup.yaml and no environment file is read that was not named. */
  readonly processes?: readonly ServicePlan[] | undefined;
  /** The named processes, perhaps by patterns; an empty list means all. */
  readonly names?: readonly string[] | undefined;
  /** `-x`: those of them that are left out. */
  readonly exclude?: readonly string[] | undefined;
  readonly colour?: Comforts['colour'];
  /** Python buffers what it prints, as in a pipeline of the shell. */
  readonly buffered?: boolean | undefined;
  /** Programs of the project come before those of PATH. */
  readonly localBin?: boolean | undefined;
  /** The origin of port and formation, if not the options of these names. */
  readonly labels?: PlanInput['labels'];
  /** Accept a project without a Procfile, unless one was named. */
  readonly procfileIsOptional?: boolean | undefined;
  /** Nothing else waits: files may be read at once, by this thread. */
  readonly mayBlock?: boolean | undefined;
  /** Do not read procsup.yaml: the command does not use its pipelines. */
  readonly withoutPipelines?: boolean | undefined;
}

/** A path as written by the user, and its absolute form. */
interface Named {
  readonly file: string;
  readonly path: string;
  readonly byUser: boolean;
}

/** An application, and the input of its plan: `scale` plans it again. */
export interface LoadedApp extends Checked<AppSpec> {
  readonly input?: PlanInput;
  /** The text of the Procfile for the next time the application is loaded, if it came from a pipe. */
  readonly procfileText?: string | undefined;
}

/** Loads and plans an application from the user's files and options, and collects all problems. */
export async function loadApp(options: AppOptions, realEnv: RealEnv, cwd: string): Promise<LoadedApp> {
  const base = baseOf(options, cwd);
  const root = resolve(cwd, base);
  const rootProblems = problemsOfRoot(base, root, options);
  if (rootProblems.length > 0) return { value: undefined, problems: rootProblems };

  const { processes, mayBlock = false } = options;
  const env = await loadEnvFiles(options, base, cwd);
  const appFile =
    processes !== undefined
      ? { value: inlinePlans(processes), problems: [] }
      : options.withoutPipelines
        ? NO_APP_FILE
        : await loadAppFile(base, cwd, mayBlock);
  const procfile =
    processes === undefined
      ? await loadProcfile(procfileOf(options, env.files, base, cwd), options, appFile.value)
      : { value: 'none' as const, problems: [], pipeText: undefined };
  const input = {
    ...options,
    root,
    realEnv,
    envFiles: env.files,
    procfile: procfile.value,
    appFile: appFile.value,
    comforts: comfortsOf(options, root),
  };
  const plan = planApp(input);
  const problems = [...env.problems, ...procfile.problems, ...appFile.problems, ...plan.problems];
  const { pipeText: procfileText } = procfile;
  return { value: hasErrors(problems) ? undefined : plan.value, problems, input, procfileText };
}

function comfortsOf({ colour, buffered, localBin }: AppOptions, root: string): Comforts {
  return {
    colour,
    unbuffered: buffered !== true,
    localBin: localBin === true ? findLocalBin(root) : undefined,
  };
}

const inlinePlans = (processes: readonly ServicePlan[]): PlanReading => ({
  ...{ file: '', processes, pipelines: [], problems: [] },
});

type RootOptions = Pick<AppOptions, 'root' | 'file' | 'procfileText'>;

/** The directory in which everything runs, as an absolute path. */
export function rootOf(options: RootOptions, cwd: string): string {
  return resolve(cwd, baseOf(options, cwd));
}

/** The root as written by the user. A Procfile that is a pipe (`-f <(...)`) has no usable directory. */
function baseOf({ root, file, procfileText }: RootOptions, cwd: string): string {
  if (root !== undefined) return root;
  if (file === undefined || procfileText !== undefined || kindOf(resolve(cwd, file)) === 'other') return '.';
  return dirname(file);
}

const WHY_NO_ROOT = {
  missing: 'no such directory',
  file: 'not a directory',
  other: 'not a directory',
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
      'set the directory of the project with -C',
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

/** The Procfile is optional beside pipelines. A procsup.yaml that cannot be read is a separate problem. */
async function loadProcfile(
  named: Named,
  options: AppOptions,
  appFile: PlanReading | undefined,
): Promise<LoadedProcfile> {
  const text = options.procfileText;
  const isPipe = options.file !== undefined && (text !== undefined || kindOf(named.path) === 'other');
  const read: TextRead =
    text === undefined
      ? await readText(named.path, { pipes: isPipe, mayBlock: options.mayBlock === true })
      : { ok: true, text };
  if (read.ok) {
    const value = readProcfile(read.text, named.file);
    return { value, problems: [], pipeText: isPipe ? read.text : undefined };
  }
  const isOptional = options.procfileIsOptional === true || (appFile !== undefined && !isEmpty(appFile));
  if (isOptional && read.error === 'ENOENT' && !named.byUser) {
    return { value: 'none', problems: [], pipeText: undefined };
  }
  const problem = error(
    'procfile-unreadable',
    `cannot read the Procfile '${named.file}': ${read.reason}`,
    remedyForProcfile(read, options),
  );
  return { value: undefined, problems: [problem], pipeText: undefined };
}

interface LoadedProcfile extends Checked<Exclude<PlanInput['procfile'], undefined>> {
  /** What was read, if it cannot be read again. */
  readonly pipeText: string | undefined;
}

const isEmpty = ({ processes, pipelines }: PlanReading): boolean =>
  processes?.length === 0 && pipelines.length === 0;

function remedyForProcfile(
  { error }: Extract<TextRead, { ok: false }>,
  { file }: AppOptions,
): string | undefined {
  if (error === 'NOT_UTF8') return 'save it as UTF-8';
  if (error === 'NOT_REGULAR') return 'name a pipe with -f';
  if (error !== 'ENOENT') return undefined;
  const create = "create it with a line such as 'web: node server.js'";
  return file === undefined ? `set its path with -f, or ${create}` : `check the path after -f, or ${create}`;
}

const APP_FILE = 'procsup.yaml';
const NO_APP_FILE: Checked<PlanReading> = { value: undefined, problems: [] };

/** Reads procsup.yaml in the root. Its reader is a chunk of its own, loaded only if the file exists. */
async function loadAppFile(base: string, cwd: string, mayBlock: boolean): Promise<Checked<PlanReading>> {
  const path = resolve(cwd, base, APP_FILE);
  const read = await readText(path, { mayBlock });
  if (!read.ok && isMissing(read)) return { value: undefined, problems: misnamedAppFile(base, cwd) };
  const { readAppFileText } = await import('./read-app-file.ts');
  return { value: readAppFileText(join(base, APP_FILE), read), problems: [] };
}

const isMissing = ({ error }: Extract<TextRead, { ok: false }>): boolean =>
  error === 'ENOENT' || error === 'ENOTDIR';

function misnamedAppFile(base: string, cwd: string): Problem[] {
  const name = 'procsup.yml';
  if (kindOf(resolve(cwd, base, name)) === 'missing') return [];
  const file = join(base, name);
  return [
    {
      code: 'app-file-misnamed',
      severity: 'warning',
      message: `'${file}' is ignored: the file name must be ${APP_FILE}`,
      remedy: `rename it with 'mv ${quoteWords([file, join(base, APP_FILE)])}'`,
    },
  ];
}

interface LoadedEnvFiles {
  readonly files: readonly EnvFile[];
  readonly problems: readonly Problem[];
}

async function loadEnvFiles(
  { env: names, processes, mayBlock = false }: AppOptions,
  base: string,
  cwd: string,
): Promise<LoadedEnvFiles> {
  const { wanted, problems } = names
    ? namedEnvFiles(names, cwd)
    : processes === undefined
      ? defaultEnvFile(base, cwd)
      : { wanted: [], problems: [] };
  const files: EnvFile[] = [];
  for (const { file, path, byUser } of wanted) {
    const read = await readText(path, { pipes: byUser, mayBlock });
    if (read.ok) files.push(await parsed(file, read.text));
    else if (byUser || !isNoEnvFile(read)) problems.push(unreadableEnvFile(file, read));
  }
  return { files, problems };
}

/** dotenv is a chunk of its own, loaded only if there is a file to parse. */
async function parsed(file: string, text: string): Promise<EnvFile> {
  const { parseEnvFile } = await import('./dotenv.ts');
  return parseEnvFile(file, text);
}

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

function error(code: string, message: string, remedy?: string): Problem {
  return { code, severity: 'error', message, ...(remedy !== undefined && { remedy }) };
}
