/** Reads the package.json of the project and those of its workspace. */
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import type { ScriptPackage } from '../../core/task/settings.ts';
import {
  atRoot,
  baseOf,
  into,
  isMatch,
  namesOf,
  pathPatterns,
  type PathPattern,
  type Places,
} from '../../core/watch/pattern.ts';
import { subdirectories } from '../../os/files/subdirectories.ts';
import { kindOf, readText } from '../../os/files/text-file.ts';
import { linePlaces } from '../line-places.ts';
import { readFile, type ReadFile } from '../read-files.ts';

export interface PackagesReading {
  /** The one of the root first, if there is one. */
  readonly packages: readonly ScriptPackage[];
  readonly problems: readonly Problem[];
  /** What was read, or looked for in vain. */
  readonly files: readonly ReadFile[];
  /** Where the package.json of others may come into being: globs below the root. */
  readonly globs: readonly string[];
}

/** What is found on the way. */
interface Found {
  readonly problems: Problem[];
  readonly files: ReadFile[];
}

/** Problems: `package-unreadable` (warnings), `package-duplicate`. `root`: absolute. */
export async function readPackages(root: string): Promise<PackagesReading> {
  const problems: Problem[] = [];
  const files: ReadFile[] = [];
  const own = await readPackage(root, true, { problems, files });
  const patterns = [...(own?.workspaces ?? []), ...(await pnpmPatterns(root, { problems, files }))];
  const packages: ScriptPackage[] = own === undefined ? [] : [own.found];
  const names = new Map<string, string>();
  for (const directory of workspaceDirectories(root, patterns)) {
    const one = (await readPackage(directory, false, { problems, files }))?.found;
    if (one === undefined || one.name === '') continue;
    const other = names.get(one.name);
    if (other !== undefined)
      problems.push({
        code: 'package-duplicate',
        severity: 'warning',
        message: `two packages are named '${one.name}': '${other}' and '${one.file}'`,
        remedy: 'rename one of them; the second one is not used',
      });
    else {
      names.set(one.name, one.file);
      packages.push(one);
    }
  }
  const globs = patterns
    .filter((one) => !one.startsWith('!'))
    .map((one) => `${one.replace(/\/+$/, '')}/package.json`);
  return { packages, problems, files, globs };
}

interface PackageReading {
  readonly found: ScriptPackage;
  /** Patterns of the directories of its workspace. */
  readonly workspaces: readonly string[];
}

async function readPackage(
  directory: string,
  isRoot: boolean,
  { problems, files }: Found,
): Promise<PackageReading | undefined> {
  const file = join(directory, 'package.json');
  const read = await readText(file, { mayBlock: true });
  files.push(readFile(file, read.ok ? read.text : null));
  if (!read.ok) {
    if (read.error !== 'ENOENT') problems.push(unreadable(file, read.reason));
    return undefined;
  }
  const content = parsed(read.text);
  if (!isRecord(content)) {
    problems.push(unreadable(file, 'it is not JSON, or no object'));
    return undefined;
  }
  return {
    found: {
      ...{ isRoot, directory, file },
      name: stringOf(content['name']),
      version: stringOf(content['version']),
      scripts: scriptsOf(content['scripts'], file, read.text),
      dependencies: new Set(
        ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((key) =>
          isRecord(content[key]) ? Object.keys(content[key]) : [],
        ),
      ),
    },
    workspaces: workspacesOf(content['workspaces']),
  };
}

const unreadable = (file: string, reason: string): Problem => ({
  code: 'package-unreadable',
  severity: 'warning',
  message: `cannot read '${file}': ${reason}`,
  remedy: 'its scripts are no tasks: correct it, or remove it',
});

function scriptsOf(value: unknown, file: string, text: string): ScriptPackage['scripts'] {
  const scripts = new Map<string, { command: string; place: ReturnType<ReturnType<typeof linePlaces>> }>();
  if (!isRecord(value)) return scripts;
  const placeAt = linePlaces(file, text);
  const from = Math.max(0, text.indexOf('"scripts"'));
  for (const [name, command] of Object.entries(value)) {
    if (typeof command !== 'string' || command.trim() === '' || command.includes('\0')) continue;
    if (RUNS_TASKS.test(command)) continue;
    const key = JSON.stringify(name);
    scripts.set(name, { command, place: placeAt(Math.max(from, text.indexOf(key, from)), key.length) });
  }
  return scripts;
}

/** Such a script is another name of a task. As a task it would start itself again and again. */
const RUNS_TASKS = /(?:^|[\s;&|(])procsup\s+task\b/;

/** `["packages/*"]`, or as yarn writes it `{"packages": [...]}`. */
function workspacesOf(value: unknown): readonly string[] {
  const list = isRecord(value) ? value['packages'] : value;
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

async function pnpmPatterns(root: string, { problems, files }: Found): Promise<readonly string[]> {
  const file = join(root, 'pnpm-workspace.yaml');
  const read = await readText(file, { mayBlock: true });
  files.push(readFile(file, read.ok ? read.text : null));
  if (!read.ok) {
    if (read.error !== 'ENOENT') problems.push(unreadable(file, read.reason));
    return [];
  }
  const { readYaml } = await import('../yaml/yaml.ts');
  const { value } = readYaml(file, read.text);
  return isRecord(value) ? workspacesOf(value['packages']) : [];
}

/** Sorted. Directories of other packages in node_modules are none of the workspace. */
function workspaceDirectories(root: string, patterns: readonly string[]): readonly string[] {
  const wanted = patterns.filter((one) => !one.startsWith('!'));
  const refused = patterns.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
  const matching = (some: readonly string[]): ReadonlySet<string> => {
    const found = new Set<string>();
    for (const text of some)
      for (const pattern of pathPatterns(text.replace(/\/+$/, ''), root)) {
        const base = baseOf(pattern);
        search(
          base,
          {
            pattern,
            places: namesOf(base).reduce<Places>((at, name) => into(pattern, at, name), atRoot(pattern)),
          },
          found,
        );
      }
    return found;
  };
  const excluded = matching(refused);
  return [...matching(wanted)].filter((one) => one !== root && !excluded.has(one)).sort();
}

const NEVER = new Set(['node_modules', '.git']);

/** Where a pattern stands in a directory. */
interface Standing {
  readonly pattern: PathPattern;
  readonly places: Places;
}

/** A directory that matches is the end of the way, except of `packages/**`. */
function search(directory: string, { pattern, places }: Standing, found: Set<string>): void {
  const matches = isMatch(pattern, places);
  if (matches && kindOf(join(directory, 'package.json')) === 'file') found.add(directory);
  if (places.length === 0 || (matches && pattern.names.at(-1) !== '**')) return;
  for (const name of subdirectories(directory)) {
    if (NEVER.has(name)) continue;
    const next = into(pattern, places, name);
    if (next.length > 0) search(join(directory, name), { pattern, places: next }, found);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
