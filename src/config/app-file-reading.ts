/**
 * Has procsup.yaml read, or takes what was read of the same text in an earlier run: that saves the code for YAML and its schema,
 * and its work, which is more than all the rest of a start.
 */
import { projectHash } from '../core/project-key.ts';
import type { PlanReading } from '../core/plan/sources.ts';
import type { Problem } from '../core/problem.ts';
import { buildIdentity, openKeptReadings } from '../os/files/kept-readings.ts';
import type { TextRead } from '../os/files/text-file.ts';
import { withoutListeners } from '../os/sockets/without-listeners.ts';
import { withProcessFiles, type ProjectDirectory, type WithFiles } from './process-files.ts';
import { readingFromText, textOfReading } from './reading-text.ts';

/** Reads the text of procsup.yaml, and the environment files that it names. `file` is its path as written by the user. */
export async function readAppFileAndFiles(
  file: string,
  read: TextRead,
  project: ProjectDirectory,
): Promise<WithFiles> {
  return withProcessFiles(await whereSocketsWork(await readingOf(file, read, project.root)), project);
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

/** The chunk that reads. */
const READER = 'config.read-app-file.cjs';

async function readingOf(file: string, read: TextRead, root: string): Promise<PlanReading> {
  const build = buildIdentity(READER);
  const kept = build === undefined ? undefined : openKeptReadings(process.env);
  const source = read.ok && build !== undefined ? { build, file, text: read.text } : undefined;
  const name = projectHash(JSON.stringify([root, file]));
  const before = source && kept?.find(name);
  const known = before !== undefined && source !== undefined ? readingFromText(before, source) : undefined;
  if (known !== undefined) return known;
  const { readAppFileText } = await import('./read-app-file.ts');
  const reading = readAppFileText(file, read);
  const text = source && textOfReading(reading, source);
  if (text !== undefined) kept?.keep(name, text);
  return reading;
}
