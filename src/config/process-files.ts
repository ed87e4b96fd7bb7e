/** What procsup.yaml names on disk for its processes: their directories, and their environment files. */
import { isAbsolute, join, resolve } from 'node:path';
import type { DefaultSettings, EnvFileName } from '../core/plan/process-settings.ts';
import type { EnvFile, PlanReading } from '../core/plan/sources.ts';
import type { Place, Problem } from '../core/problem.ts';
import { baseOf, pathPatterns } from '../core/watch/pattern.ts';
import { kindOf, readText } from '../os/files/text-file.ts';
import { parseEnvFile } from './env/dotenv.ts';
import { isMissing } from './env/load-env-files.ts';
import { readFile, type ReadFile } from './read-files.ts';

export interface ProjectDirectory {
  /** Absolute. */
  readonly root: string;
  /** As written by the user. */
  readonly base: string;
  /** Nothing else waits: files may be read at once, by this thread. */
  readonly mayBlock: boolean;
}

export interface WithFiles {
  readonly reading: PlanReading;
  /** The environment files. */
  readonly files: readonly ReadFile[];
}

type Located = Pick<DefaultSettings, 'workingDir' | 'envFiles' | 'watch' | 'saidAt'>;

/** Problems: `working-dir`, `watch-missing`, `env-file-unreadable`, and those of the environment files. */
export async function withProcessFiles(reading: PlanReading, project: ProjectDirectory): Promise<WithFiles> {
  const problems: Problem[] = [];
  const envFiles = createEnvFiles(project, problems);
  const located = async <T extends Located>(settings: T): Promise<T> => {
    const { workingDir, envFiles: names, watch, saidAt } = settings;
    if (watch !== undefined && watch !== 'off')
      problems.push(...missingPaths(watch.paths, project.root, saidAt?.['watch']));
    const fileVariables = names === undefined ? undefined : await envFiles.variablesOf(names);
    return {
      ...settings,
      ...(workingDir !== undefined && {
        workingDir: directoryOf(workingDir, project.root, saidAt?.['working_dir'], problems),
      }),
      ...(fileVariables !== undefined && { fileVariables }),
    };
  };

  const { defaults, settings, pools, tasks } = reading;
  const locatedDefaults = defaults === undefined ? undefined : await located(defaults);
  // One after the other: problems come in the order of the file.
  const all = [];
  for (const one of settings ?? []) all.push(await located(one));
  const locatedPools = [];
  for (const one of pools ?? []) locatedPools.push(await located(one));
  const locatedTasks = [];
  for (const one of tasks ?? []) locatedTasks.push(await located(one));
  return {
    reading: {
      ...reading,
      ...(locatedDefaults !== undefined && { defaults: locatedDefaults }),
      ...(settings !== undefined && { settings: all }),
      ...(pools !== undefined && { pools: locatedPools }),
      ...(tasks !== undefined && { tasks: locatedTasks }),
      problems: [...reading.problems, ...problems],
    },
    files: envFiles.read,
  };
}

/** Warnings: a path may come into being later. */
function missingPaths(paths: readonly string[], root: string, place: Place | undefined): readonly Problem[] {
  const missing = paths.filter((path) =>
    pathPatterns(path, root).every((pattern) => kindOf(baseOf(pattern)) === 'missing'),
  );
  return missing.map((path) => ({
    code: 'watch-missing',
    severity: 'warning',
    message: `'${path}' is to be watched, but there is no such path`,
    ...(place && { place }),
    remedy: 'check the path, which is relative to the project',
  }));
}

const WHY_NOT = {
  missing: 'no such directory',
  file: 'not a directory',
  other: 'not a directory',
  'out of reach': 'permission denied',
} as const;

function directoryOf(written: string, root: string, place: Place | undefined, problems: Problem[]): string {
  const path = resolve(root, written);
  const kind = kindOf(path);
  if (kind !== 'directory') {
    problems.push({
      code: 'working-dir',
      severity: 'error',
      message: `cannot run in '${written}': ${WHY_NOT[kind]}`,
      ...(place && { place }),
      remedy: isAbsolute(written)
        ? 'create it, or name another directory'
        : 'create it, or name another directory: the path is relative to that of the project',
    });
  }
  return path;
}

/** Each file is read once, however many processes name it. */
function createEnvFiles({ root, base, mayBlock }: ProjectDirectory, problems: Problem[]) {
  const known = new Map<string, EnvFile | undefined>();
  const read: ReadFile[] = [];

  const fileOf = async ({ file, required, place }: EnvFileName): Promise<EnvFile | undefined> => {
    const path = resolve(root, file);
    if (known.has(path)) return known.get(path);
    const result = await readText(path, { mayBlock });
    read.push(readFile(path, result.ok ? result.text : null));
    if (result.ok) {
      const parsed = parseEnvFile(isAbsolute(file) ? file : join(base, file), result.text);
      problems.push(...parsed.problems);
      known.set(path, parsed);
      return parsed;
    }
    // Not kept: each process that needs it is told.
    const missing = isMissing(result);
    if (!missing || required) {
      const optional = missing ? "create it, or use '{path: ..., required: false}'" : undefined;
      problems.push({
        code: 'env-file-unreadable',
        severity: 'error',
        message: `cannot read the environment file '${file}': ${result.reason}`,
        place,
        ...(optional !== undefined && { remedy: optional }),
      });
    }
    return undefined;
  };

  return {
    read,
    async variablesOf(names: readonly EnvFileName[]): Promise<Readonly<Record<string, string>>> {
      const all: Readonly<Record<string, string>>[] = [];
      for (const name of names) all.push((await fileOf(name))?.values ?? {});
      return Object.assign({}, ...all) as Readonly<Record<string, string>>;
    },
  };
}
