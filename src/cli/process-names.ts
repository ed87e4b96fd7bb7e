/**
 * The names that a shell offers: those of the running supervisor, else those of the files. Whoever waits has pressed a key,
 * so nothing that is wrong is said, and a supervisor that hangs is not waited for.
 */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readProcfile } from '../config/procfile.ts';
import { rootOf } from '../config/root.ts';
import { createClient } from '../control/client.ts';
import { ownerOf } from '../os/files/lock.ts';
import { stateDirectoryOf } from '../os/files/places.ts';
import { whyNotPrivate } from '../os/files/private-directory.ts';
import { kindOf, readText } from '../os/files/text-file.ts';
import { fastArgs } from './fast-args.ts';
import type { StartIo } from './io.ts';
import { locate } from './locate.ts';
import { readSettings } from './read-settings.ts';

type Place = Pick<StartIo, 'env' | 'cwd'>;

/** Of what a supervisor has: also of what was scaled to none, or is not running yet. */
const OF_THE_FILES = ['start', 'run', 'pipe', 'check', 'scale'];
const WITHOUT_INSTANCES = ['run', 'pipe', 'check', 'scale'];
const PATIENCE = { probeAfterMs: 200, probeMs: 200 };
const WHOLE = /^[A-Za-z0-9_-]+$/;
/** Also an instance, or a stage of a pipeline. */
const NAME = /^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)?$/;

/** `words`: what has been typed before the word at the cursor, without `procsup`. */
export async function processNames(
  words: readonly string[],
  { env, cwd }: Place,
): Promise<readonly string[]> {
  const whole = joined(words);
  // A command that wants a name is no whole line without one.
  const line = fastArgs([...whole, 'name']) ?? fastArgs(whole);
  const given = readSettings(line?.options ?? {}, env).texts('file', 'root');
  const root = rootOf({ ...given, ...(await locate(given, { env, cwd })) }, cwd);

  const command = line?.command ?? 'start';
  if (command === 'task') return taskNames(root, { env, cwd });
  const running = await runningNames(root, env);
  const written =
    running === undefined || OF_THE_FILES.includes(command) ? await writtenNames(root, given.file, cwd) : [];
  const names = [...(running ?? []), ...written, ...(command === 'logs' ? ['system'] : [])];
  const wanted = WITHOUT_INSTANCES.includes(command) ? WHOLE : NAME;
  return [...new Set(names)].filter((name) => wanted.test(name));
}

async function taskNames(root: string, { env, cwd }: Place): Promise<readonly string[]> {
  const { loadTasks } = await import('../config/load-tasks.ts');
  const { value } = await loadTasks({ root, startsNothing: true }, env, cwd);
  return value?.tasks.map(({ name }) => name) ?? [];
}

/** bash takes `--root=x` for three words. */
function joined(words: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const [at, word] of words.entries()) {
    const isAttached = word === '=' || words[at - 1] === '=';
    const last = isAttached ? whole.pop() : undefined;
    whole.push(`${last ?? ''}${word}`);
  }
  return whole;
}

async function runningNames(root: string, env: StartIo['env']): Promise<readonly string[] | undefined> {
  try {
    const owner = ownerOf(stateDirectoryOf(realpathSync.native(root), env));
    if (owner === undefined || whyNotPrivate(dirname(owner.socket)) !== undefined) return undefined;
    const { status, body } = await createClient(owner.socket, {}, PATIENCE).get('/v1/supervisor');
    const { instances } = body as { readonly instances?: readonly string[] };
    return status === 200 && instances !== undefined ? namesAmong(instances) : undefined;
  } catch {
    return undefined;
  }
}

/** `web.1` is of use where there is a `web.2`; of a pipeline each stage is. */
function namesAmong(instances: readonly string[]): readonly string[] {
  const processOf = (instance: string): string => instance.replace(/[./].*$/, '');
  return instances.flatMap((instance) => {
    const name = processOf(instance);
    const isOnly = instances.filter((other) => processOf(other) === name).length === 1;
    return instance.includes('/') || !isOnly ? [name, instance] : [name];
  });
}

async function writtenNames(root: string, file: string | undefined, cwd: string): Promise<readonly string[]> {
  const procfile = file === undefined ? join(root, await usualFile(root)) : resolve(cwd, file);
  const { processes } = readProcfile(await textOf(procfile), procfile);
  const appFile = join(root, 'procsup.yaml');
  if (kindOf(appFile) !== 'file') return processes.map(({ name }) => name);
  const { readAppFileText } = await import('../config/read-app-file.ts');
  const { pipelines } = readAppFileText(appFile, await readText(appFile, { mayBlock: true }));
  return [...processes, ...pipelines].map(({ name }) => name);
}

/** `PROCFILE=` in .env names another one. */
async function usualFile(root: string): Promise<string> {
  const text = await textOf(join(root, '.env'));
  return /^\s*(?:export\s+)?PROCFILE\s*=\s*["']?([^"'\s#]+)/m.exec(text)?.[1] ?? 'Procfile';
}

async function textOf(path: string): Promise<string> {
  if (kindOf(path) !== 'file') return '';
  const read = await readText(path, { mayBlock: true });
  return read.ok ? read.text : '';
}
