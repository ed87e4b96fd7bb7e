import { dirname, join, relative, resolve } from 'node:path';
import type { EnvFile, PlanReading } from '../core/plan/sources.ts';
import type { AppSpec } from '../core/plan/app-spec.ts';
import type { Comforts, RealEnv } from '../core/plan/environment.ts';
import { planApp, type PlanInput } from '../core/plan/plan-app.ts';
import { AUTO_PORT } from '../core/plan/ports.ts';
import type { ServicePlan } from '../core/plan/process-plan.ts';
import { hasErrors, type Checked, type Problem } from '../core/problem.ts';
import { quoteWords } from '../core/shell/words.ts';
import { otherProcfiles } from '../os/files/find-project.ts';
import { findLocalBin } from '../os/files/local-bin.ts';
import { kindOf, readText, type TextRead } from '../os/files/text-file.ts';
import { hasSocketTable } from '../os/proc/has-socket-table.ts';
import { error, isMissing, loadEnvFiles, type Named } from './env/load-env-files.ts';
import { readProcfile } from './procfile.ts';
import { readFile, type ReadFile } from './read-files.ts';
import { baseOf } from './root.ts';

/** The options about the application, unparsed. */
export interface AppOptions {
  /** `-f`: relative to the current directory. */
  readonly file?: string | undefined;
  /** What the Procfile contains: it is a pipe and cannot be read twice. */
  readonly procfileText?: string | undefined;
  /** `-C`, or where the project was found. */
  readonly root?: string | undefined;
  /** Where it was searched for in vain, the current directory first; and why no further. */
  readonly searched?: readonly string[] | undefined;
  readonly searchRefused?: string | undefined;
  /** `-e`: each may be a comma-separated list, relative to the current directory; later files override earlier ones. */
  readonly env?: readonly string[] | undefined;
  /** Expand `${NAME}` in them; undefined: as procsup.yaml says. */
  readonly envExpand?: boolean | undefined;
  /** `-p`; `auto`: ports that no other directory has. */
  readonly port?: string | undefined;
  /** Nothing is started: automatic ports are not claimed. */
  readonly startsNothing?: boolean | undefined;
  /** `-m` */
  readonly formation?: string | undefined;
  /** Given instead of files: no Procfile, no procsup.yaml and no environment file is read that was not named. */
  readonly processes?: readonly ServicePlan[] | undefined;
  /** The named processes, perhaps by patterns; an empty list means all. */
  readonly names?: readonly string[] | undefined;
  /** `-x`: those of them that are left out. */
  readonly exclude?: readonly string[] | undefined;
  /** `--profile` */
  readonly profiles?: readonly string[] | undefined;
  /** `--no-deps` */
  readonly noDeps?: boolean | undefined;
  /** `--tty` */
  readonly tty?: readonly string[] | undefined;
  /** `--watch`, `--no-watch` */
  readonly watch?: boolean | undefined;
  readonly colour?: Comforts['colour'];
  /** Python buffers what it prints, as in a pipeline of the shell. */
  readonly buffered?: boolean | undefined;
  /** Programs of the project come before those of PATH. */
  readonly localBin?: boolean | undefined;
  /** The origin of port and formation, if not the options of these names. */
  readonly labels?: PlanInput['labels'];
  /** Accept a project without a Procfile, unless one was named. */
  readonly procfileIsOptional?: boolean | undefined;
  /** A project that has tasks, and nothing that runs on, is one as well. */
  readonly tasksAreEnough?: boolean | undefined;
  /** One process is run, perhaps one that a start leaves out: that it leaves out all of them is no error. */
  readonly mayBeEmpty?: boolean | undefined;
  /** Nothing else waits: files may be read at once, by this thread. */
  readonly mayBlock?: boolean | undefined;
  /** Of procsup.yaml only what concerns everything counts: the command does not use its pipelines. */
  readonly withoutPipelines?: boolean | undefined;
}

/** An application, and the input of its plan: `scale` plans it again. */
export interface LoadedApp extends Checked<AppSpec> {
  readonly input?: PlanInput;
  /** The text of the Procfile for the next time the application is loaded, if it came from a pipe. */
  readonly procfileText?: string | undefined;
  /** Those that a reload reads again. */
  readonly files: readonly ReadFile[];
  /** The values of environment files have been expanded. */
  readonly envExpand?: boolean;
}

/** Loads and plans an application from the user's files and options, and collects all problems. */
export async function loadApp(options: AppOptions, realEnv: RealEnv, cwd: string): Promise<LoadedApp> {
  const base = baseOf(options, cwd);
  const root = resolve(cwd, base);
  const rootProblems = problemsOfRoot(base, root, options);
  if (rootProblems.length > 0) return { value: undefined, problems: rootProblems, files: [] };

  const { processes, mayBlock = false } = options;
  const appFile =
    processes !== undefined
      ? { value: inlinePlans(processes), problems: [], files: [] }
      : options.withoutPipelines
        ? withoutPlans(await loadAppFile(base, cwd, mayBlock, CONCERNS_ALL))
        : await loadAppFile(base, cwd, mayBlock);
  const isExpanded = options.envExpand ?? appFile.value?.envExpand ?? false;
  const env = await loadEnvFiles(options, base, cwd, isExpanded ? realEnv : undefined);
  const procfile =
    processes === undefined
      ? await loadProcfile(procfileOf(options, env.files, base, cwd), options, appFile.value, cwd)
      : { value: 'none' as const, problems: [], pipeText: undefined, files: [] };
  const read = {
    ...options,
    root,
    realEnv,
    envFiles: env.files,
    procfile: procfile.value,
    appFile: appFile.value,
    comforts: comfortsOf(options, root),
    // Only there a check can be asked for that needs them.
    ...(appFile.value !== undefined && { seesSockets: hasSocketTable() }),
  };
  const ports = await portsFor(read, options);
  const { input } = ports;
  const plan = planApp(input);
  const problems = [
    ...[...env.problems, ...procfile.problems, ...appFile.problems],
    ...[...plan.problems, ...ports.problems],
  ];
  const { pipeText: procfileText } = procfile;
  const files = [...procfile.files, ...appFile.files, ...env.read];
  return {
    ...{ value: hasErrors(problems) ? undefined : plan.value, problems, input, procfileText, files },
    envExpand: isExpanded,
  };
}

/** The chooser of ports is a chunk of its own, loaded only if ports are to be chosen. */
async function portsFor(
  input: PlanInput,
  { startsNothing = false }: AppOptions,
): Promise<{ readonly input: PlanInput; readonly problems: readonly Problem[] }> {
  if ((input.port ?? input.appFile?.port?.text) !== AUTO_PORT) return { input, problems: [] };
  const { withAutoPorts } = await import('./auto-port.ts');
  return withAutoPorts(input, process.env, startsNothing);
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

/** The Procfile is optional beside pipelines, and processes with a command of their own. A procsup.yaml that cannot be read is a separate problem. */
async function loadProcfile(
  named: Named,
  options: AppOptions,
  appFile: PlanReading | undefined,
  cwd: string,
): Promise<LoadedProcfile> {
  const text = options.procfileText;
  const isPipe = options.file !== undefined && (text !== undefined || kindOf(named.path) === 'other');
  const read: TextRead =
    text === undefined
      ? await readText(named.path, { pipes: isPipe, mayBlock: options.mayBlock === true })
      : { ok: true, text };
  if (read.ok) {
    const value = readProcfile(read.text, named.file);
    const files = isPipe ? [] : [readFile(named.path, read.text)];
    return { value, problems: [], pipeText: isPipe ? read.text : undefined, files };
  }
  const hasTasks = appFile?.tasks !== undefined || appFile?.scripts === true;
  const isOptional =
    options.procfileIsOptional === true ||
    (options.tasksAreEnough === true && hasTasks) ||
    (appFile !== undefined && !isEmpty(appFile));
  if (isOptional && read.error === 'ENOENT' && !named.byUser) {
    return { value: 'none', problems: [], pipeText: undefined, files: [readFile(named.path, null)] };
  }
  const isSearched = read.error === 'ENOENT' && !named.byUser;
  const problem = error(
    'procfile-unreadable',
    `cannot read the Procfile '${named.file}': ${read.reason}${isSearched ? whereSearched(options) : ''}`,
    (isSearched ? remedyByOthers(options, dirname(named.path), cwd) : undefined) ??
      (hasTasks ? "run its tasks with 'procsup task NAME'" : undefined) ??
      remedyForProcfile(read, options),
  );
  return { value: undefined, problems: [problem], pipeText: undefined, files: [] };
}

interface LoadedProcfile extends Checked<Exclude<PlanInput['procfile'], undefined>> {
  /** What was read, if it cannot be read again. */
  readonly pipeText: string | undefined;
  readonly files: readonly ReadFile[];
}

/** No process has a command, and there is no pipeline. */
const isEmpty = ({ processes, pipelines, pools = [], settings = [] }: PlanReading): boolean =>
  processes?.length === 0 &&
  pipelines.length === 0 &&
  pools.length === 0 &&
  !settings.some(({ command }) => command !== undefined);

function whereSearched({ searched = [], searchRefused }: AppOptions): string {
  const last = searched.at(-1);
  const refused = searchRefused === undefined ? '' : `; ${searchRefused}`;
  return last === undefined || searched.length === 1
    ? refused
    : ` here or in a parent directory (searched up to ${last})${refused}`;
}

const MOST_NAMED = 3;

/** Where there is a `Procfile.dev`, that is the one that is meant. */
function remedyByOthers({ searched }: AppOptions, directory: string, cwd: string): string | undefined {
  const [first, ...more] = otherProcfiles(searched ?? [directory])
    .slice(0, MOST_NAMED)
    .map((path) => quoteWords([relative(cwd, path)]));
  if (first === undefined) return undefined;
  return more.length === 0
    ? `use the one that is there with -f ${first}`
    : `name one with -f: ${[first, ...more].join(', ')}`;
}

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

interface LoadedAppFile extends Checked<PlanReading> {
  readonly files: readonly ReadFile[];
}

/** What also counts where its processes and pipelines are not used. */
const CONCERNS_ALL = /^\s*['"]?(?:port|env_expand)\b/m;

/** Its problems are told by the commands that use all of it. */
function withoutPlans({ value, files }: LoadedAppFile): LoadedAppFile {
  const { file, port, envExpand } = value ?? { file: '' };
  const kept: PlanReading = {
    ...{ file, processes: [], pipelines: [], problems: [] },
    ...(port !== undefined && { port }),
    ...(envExpand !== undefined && { envExpand }),
  };
  return { value: port === undefined && envExpand === undefined ? undefined : kept, problems: [], files };
}

/** Reads procsup.yaml in the root, if its text matches `wanted`. Its reader is a chunk of its own, loaded only if the file exists. */
async function loadAppFile(
  base: string,
  cwd: string,
  mayBlock: boolean,
  wanted?: RegExp,
): Promise<LoadedAppFile> {
  const path = resolve(cwd, base, APP_FILE);
  const read = await readText(path, { mayBlock });
  const files = [readFile(path, read.ok ? read.text : null)];
  if (!read.ok && isMissing(read)) return { value: undefined, problems: misnamedAppFile(base, cwd), files };
  if (wanted !== undefined && !(read.ok && wanted.test(read.text)))
    return { value: undefined, problems: [], files };
  const { readAppFileAndFiles } = await import('./app-file-reading.ts');
  const project = { root: resolve(cwd, base), base, mayBlock };
  const { reading, files: more } = await readAppFileAndFiles(join(base, APP_FILE), read, project);
  return { value: reading, problems: [], files: [...files, ...more] };
}

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
