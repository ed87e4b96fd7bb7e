import type { PlanReading } from '../core/plan/sources.ts';
import { readAppFile } from './app-file.ts';
import { hasErrors, type Problem } from '../core/problem.ts';
import { withProcessFiles, type ProjectDirectory, type WithFiles } from './process-files.ts';
import { shapeIssues } from './schema/schema.ts';
import type { TextRead } from '../os/files/text-file.ts';
import { withoutListeners } from '../os/sockets/without-listeners.ts';
import { readYaml } from './yaml/yaml.ts';

/** In UTF-16 units: far more than needed, and small enough to be read within seconds whatever it contains. */
const LONGEST_TEXT = 256 * 1_024;

/** Reads the text of procsup.yaml, and the environment files that it names. `file` is its path as written by the user. */
export async function readAppFileAndFiles(
  file: string,
  read: TextRead,
  project: ProjectDirectory,
): Promise<WithFiles> {
  return withProcessFiles(await whereSocketsWork(readAppFileText(file, read)), project);
}

/** `listen` needs what is not everywhere. */
async function whereSocketsWork(reading: PlanReading): Promise<PlanReading> {
  const first = reading.settings?.find(({ listen }) => listen !== undefined);
  if (first === undefined) return reading;
  const { loadFastKoffiListeners } = await import('../os/pipes/koffi-addon.ts');
  if ((await loadFastKoffiListeners()) !== undefined) return reading;
  const problem: Problem = {
    code: 'listen-unsupported',
    severity: 'error',
    message: withoutListeners().message,
    place: first.saidAt?.['listen'] ?? first.place,
    remedy: process.platform === 'linux' ? "install it with 'npm install koffi'" : "remove 'listen'",
  };
  return { ...reading, problems: [...reading.problems, problem] };
}

/** Problems: `app-file-unreadable`, and of the text. */
export function readAppFileText(file: string, read: TextRead): PlanReading {
  if (!read.ok) return failed(file, [unreadable(file, read)]);
  if (read.text.length > LONGEST_TEXT) return failed(file, [tooLong(file)]);
  const { value, placeOf, problems } = readYaml(file, read.text);
  if (hasErrors(problems)) return failed(file, problems);
  const appFile = readAppFile({ file, value, issues: shapeIssues(value), placeOf });
  return { ...appFile, problems: [...problems, ...appFile.problems] };
}

const failed = (file: string, problems: readonly Problem[]): PlanReading => ({
  file,
  processes: undefined,
  pipelines: [],
  problems,
});

function unreadable(file: string, { error, reason }: Extract<TextRead, { ok: false }>): Problem {
  return {
    code: 'app-file-unreadable',
    severity: 'error',
    message: `cannot read '${file}': ${reason}`,
    ...(error === 'NOT_UTF8' && { remedy: 'save it as UTF-8' }),
  };
}

function tooLong(file: string): Problem {
  return {
    code: 'app-file-unreadable',
    severity: 'error',
    message: `cannot read '${file}': file too long (the limit is ${String(LONGEST_TEXT)} characters)`,
    remedy: 'move long commands into scripts',
  };
}
