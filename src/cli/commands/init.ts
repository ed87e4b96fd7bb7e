/** `procsup init`: writes a procsup.yaml beside the Procfile, or a first Procfile where there is none. */
import { existsSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { firstAppFile, firstProcfile } from '../../config/first-files.ts';
import { rootOf } from '../../config/root.ts';
import { readProcfile } from '../../config/procfile.ts';
import { STATUS } from '../../core/process/exit.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { kindOf, readText } from '../../os/files/text-file.ts';
import { problemsText, problemText } from '../../ui/problem-text.ts';
import type { CheckIo } from './check.ts';
import type { Located } from '../locate.ts';
import type { InitSettings } from '../settings.ts';

/** What is looked for where there is no Procfile. */
const KNOWN_FILES = [
  ...['manage.py', 'config.ru', 'Gemfile', 'bin/rails'],
  ...['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
];

type Made =
  | { readonly name: string; readonly text: string; readonly from: string }
  | { readonly problems: readonly Problem[] };

/** Returns the exit status. A file that exists is never written. */
export async function init(settings: InitSettings & Partial<Located>, io: CheckIo): Promise<number> {
  const root = rootOf(settings, io.cwd);
  const made = await makeFile(settings, root, io.cwd);
  if ('problems' in made) {
    io.stderr(problemsText(made.problems, io.paint));
    return STATUS.usage;
  }
  const { name, text, from } = made;
  if (settings.toStdout) {
    io.stdout(text);
    return STATUS.success;
  }
  const path = join(root, name);
  const shown = relative(io.cwd, path);
  const refused = written(path, text);
  if (refused !== undefined) {
    io.stderr(problemText(cannotWrite(shown, refused), io.paint));
    return STATUS.usage;
  }
  io.stdout(`wrote ${shown}, made from ${from}\n`);
  return STATUS.success;
}

async function makeFile({ file }: InitSettings, root: string, cwd: string): Promise<Made> {
  const path = file === undefined ? join(root, 'Procfile') : resolve(cwd, file);
  const shown = file ?? relative(cwd, path);
  const read = await readText(path);
  if (read.ok) {
    const { processes, problems } = readProcfile(read.text, shown);
    if (hasErrors(problems)) return { problems };
    return { name: 'procsup.yaml', text: firstAppFile(processes), from: shown };
  }
  if (read.error !== 'ENOENT' || file !== undefined)
    return {
      problems: [error('procfile-unreadable', `cannot read the Procfile '${shown}': ${read.reason}`)],
    };
  if (existsSync(join(root, 'procsup.yaml')))
    return { problems: [cannotWrite(relative(cwd, join(root, 'procsup.yaml')), 'EEXIST')] };
  return firstProcfileOf(root);
}

async function firstProcfileOf(root: string): Promise<Made> {
  const read = await readText(join(root, 'package.json'));
  const scripts = read.ok ? scriptsOf(read.text) : undefined;
  const files = KNOWN_FILES.filter((name) => kindOf(join(root, name)) === 'file');
  const text = firstProcfile({ scripts, files });
  const from = [
    ...(scripts === undefined ? [] : ['package.json']),
    ...files.filter((name) => name === 'manage.py' || name === 'config.ru'),
  ];
  if (text !== undefined) return { name: 'Procfile', text, from: from.join(' and ') };
  const message =
    'nothing to make a Procfile of: no scripts named dev, start or watch in package.json, no manage.py, no config.ru';
  return {
    problems: [error('init-nothing', message, "create it with a line such as 'web: node server.js'")],
  };
}

function scriptsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const { scripts } = JSON.parse(text) as { readonly scripts?: unknown };
    return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined, or the name of the errno. */
function written(path: string, text: string): string | undefined {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return undefined;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? (thrown as Error).message;
  }
}

function cannotWrite(shown: string, why: string): Problem {
  const reasons: Readonly<Record<string, string>> = {
    EEXIST: 'it exists',
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left on the device',
  };
  const message = `cannot write '${shown}': ${reasons[why] ?? why}`;
  return error(
    'init-refused',
    message,
    why === 'EEXIST' ? "print it with 'procsup init --stdout'" : undefined,
  );
}

const error = (code: string, message: string, remedy?: string): Problem => ({
  ...{ code, severity: 'error', message },
  ...(remedy !== undefined && { remedy }),
});
