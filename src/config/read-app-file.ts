import type { PlanReading } from '../core/plan/sources.ts';
import { readAppFile } from './app-file.ts';
import { hasErrors, type Problem } from '../core/problem.ts';
import { shapeIssues } from './schema/schema.ts';
import type { TextRead } from '../os/files/text-file.ts';
import { readYaml } from './yaml/yaml.ts';

/** In UTF-16 units: far more than needed, and small enough to be read within seconds whatever it contains. */
const LONGEST_TEXT = 256 * 1_024;

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
