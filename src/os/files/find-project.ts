/**
 * Finds the project of a directory as git and npm do: the nearest one, from there upwards, that has a Procfile or a
 * procsup.yaml, or whose supervisor runs. The home directory and the root of the file system are the last ones.
 *
 * A file in a parent directory runs commands that the user may never have seen, so its owner matters, as in git's
 * safe.directory: it and its directory must belong to the user, to root, or to the owner of the current directory, whose
 * files are trusted as it is. A directory such as /tmp, in which anybody may create files, is never the project of one
 * below it.
 */
import { lstatSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { kindOf, readText } from './text-file.ts';

export type ProjectSearch =
  /** `by` a file in it, or only by its supervisor. */
  { readonly kind: 'found'; readonly directory: string; readonly by: 'file' | 'supervisor' } | NoProject;

export interface NoProject {
  readonly kind: 'none';
  /** The directories that were searched, the current one first. */
  readonly searched: readonly string[];
  /** Why the search ended early: a file that is not trusted. */
  readonly refused?: string;
}

export interface SearchOptions {
  readonly home: string | undefined;
  /** Whether the project in this directory has a supervisor, or one that was killed. */
  readonly hasSupervisor: (directory: string) => boolean;
}

const FILES = ['Procfile', 'procsup.yaml'] as const;

export async function findProject(cwd: string, options: SearchOptions): Promise<ProjectSearch> {
  const last = realPathOf(options.home);
  const searched: string[] = [];
  for (let directory = cwd; ; directory = dirname(directory)) {
    searched.push(directory);
    const file = await markerIn(directory);
    if (file !== undefined && !(directory !== cwd && isSharedByAll(directory))) {
      const refused = directory === cwd ? undefined : whyUntrusted(directory, file, cwd);
      if (refused !== undefined) return { kind: 'none', searched, refused };
      return { kind: 'found', directory, by: 'file' };
    }
    if (options.hasSupervisor(directory)) return { kind: 'found', directory, by: 'supervisor' };
    if (directory === last || directory === dirname(directory)) return { kind: 'none', searched };
  }
}

/** Procfiles under other names, such as `Procfile.dev`, nearest first; without the copies that editors leave. */
export function otherProcfiles(searched: readonly string[]): readonly string[] {
  return searched.flatMap((directory) => {
    if (isSharedByAll(directory) && directory !== searched[0]) return [];
    return namesIn(directory)
      .filter((name) => /^Procfile[.-][\w.-]+$/.test(name) && !/\.(bak|orig|old|rej|sw[op])$/.test(name))
      .sort((a, b) => Number(b === 'Procfile.dev') - Number(a === 'Procfile.dev') || (a < b ? -1 : 1))
      .map((name) => join(directory, name))
      .filter((path) => kindOf(path) === 'file');
  });
}

/** The file that makes a directory a project. The environment file does if it names the Procfile. */
async function markerIn(directory: string): Promise<string | undefined> {
  const file = FILES.find((name) => ['file', 'other'].includes(kindOf(join(directory, name))));
  if (file !== undefined) return file;
  if (kindOf(join(directory, '.env')) !== 'file') return undefined;
  const read = await readText(join(directory, '.env'), { mayBlock: true });
  return read.ok && /^\s*(?:export\s+)?PROCFILE\s*=\s*\S/m.test(read.text) ? '.env' : undefined;
}

const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

function isSharedByAll(directory: string): boolean {
  const stats = statsOf(directory);
  return stats !== undefined && (stats.mode & OTHERS_WRITE) !== 0 && (stats.mode & STICKY) !== 0;
}

function whyUntrusted(directory: string, file: string, cwd: string): string | undefined {
  const trusted = [0, process.geteuid?.(), statsOf(cwd)?.uid];
  const path = join(directory, file);
  // Of a link its own owner counts as well: it was made by somebody who chose where it leads.
  const owners = [statsOf(directory), statsOf(path), lstatSync(path, { throwIfNoEntry: false })];
  const stranger = owners.find((stats) => stats !== undefined && !trusted.includes(stats.uid));
  if (stranger === undefined) return undefined;
  return `'${path}' is not used: it or its directory belongs to another user (uid ${String(stranger.uid)})`;
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // Out of reach.
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function realPathOf(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : realpathSync.native(path);
  } catch {
    return undefined;
  }
}
