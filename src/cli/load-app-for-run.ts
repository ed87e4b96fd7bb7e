import { join, resolve } from 'node:path';
import type { AppSpec } from '../core/app-spec.ts';
import type { EnvFile } from '../core/env-file.ts';
import { portVariable, type RealEnv } from '../core/environment.ts';
import { planApp } from '../core/plan-app.ts';
import { hasErrors, type Checked } from '../core/problem.ts';
import { kindOf, readText } from '../os/files.ts';
import { loadApp, type AppOptions } from './load-app.ts';

/**
 * The application in which a command is to run. A project may have no Procfile: then it is an application without
 * processes, and only its environment counts. A Procfile that was asked for must be there.
 */
export async function loadAppForRun(
  { file, root, env, port }: AppOptions,
  realEnv: RealEnv,
  cwd: string,
): Promise<Checked<AppSpec>> {
  const loaded = await loadApp({ file, root, env, port }, realEnv, cwd);
  const absoluteRoot = resolve(cwd, root ?? '.');
  if (file !== undefined || kindOf(join(absoluteRoot, 'Procfile')) !== 'missing') return loaded;
  const envFiles = await readEnvFiles(env ?? [join(root ?? '.', '.env')], cwd);
  if (envFiles.some(({ values }) => values['PROCFILE'])) return loaded;

  const problems = loaded.problems.filter(({ code }) => code !== 'procfile-unreadable');
  const { value } = planApp({ root: absoluteRoot, realEnv, envFiles, port, procfile: PLACEHOLDER });
  return { value: value && !hasErrors(problems) ? withoutProcesses(value) : undefined, problems };
}

const PLACEHOLDER = { file: 'Procfile', text: 'run: true' };
const PLACEHOLDER_PORT = portVariable('run');

/** Those that can be read; `loadApp` has told of the others. */
async function readEnvFiles(names: readonly string[], cwd: string): Promise<EnvFile[]> {
  const { parseEnvFile } = await import('../os/env-file.ts');
  const files = names.flatMap((list) => list.split(','));
  return files.flatMap((file) => {
    const read = readText(resolve(cwd, file));
    return read.ok ? [parseEnvFile(file, read.text)] : [];
  });
}

/** The placeholder's instance stays, for its environment. */
function withoutProcesses(app: AppSpec): AppSpec {
  const instances = app.instances.map((instance) => ({
    ...instance,
    env: without(PLACEHOLDER_PORT, instance.env),
  }));
  return { ...app, processes: [], instances };
}

function without(name: string, env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}
