import type { Place, Problem } from '../core/problem.ts';
import { visibleText } from '../text/terminal-safe.ts';
import { excerptOf } from './excerpt.ts';

/** The colors of problems. */
export interface ProblemPaint {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const asItIs = (text: string): string => text;

/** No colors. */
export const plainPaint: ProblemPaint = { error: asItIs, warning: asItIs, dim: asItIs, bold: asItIs };

/** Limit of printed problems: a wrong file must not flood the terminal. */
const MOST_SHOWN = 100;

/**
 * One problem in full, ending in a newline:
 *
 *     error: Procfile:3:1: duplicate process name 'web' in lines 1 and 3
 *         web: node server.js
 *         ^^^
 *       help: rename one of them, or remove it
 */
export function problemText(problem: Problem, paint: ProblemPaint): string {
  const { severity, message, place, remedy } = problem;
  const where = place ? `${whereText(place)}: ` : '';
  const lines = [`${paint[severity](`${severity}:`)} ${paint.bold(where + visibleText(message))}`];
  if (place) {
    const { line, carets } = excerptOf(place);
    lines.push(`    ${line}`, `    ${indented(carets, paint[severity])}`);
  }
  if (remedy !== undefined) lines.push(`  ${paint.dim('help:')} ${visibleText(remedy)}`);
  return lines.join('\n') + '\n';
}

/** All problems by file and line, those without a place first, then a count if there are several; '' if there are none. */
export function problemsText(problems: readonly Problem[], paint: ProblemPaint): string {
  const sorted = [...problems].sort(byPlace);
  const shown = sorted.slice(0, MOST_SHOWN).map((problem) => problemText(problem, paint));
  return shown.join('') + (problems.length > 1 ? `${countText(problems)}\n` : '');
}

// An argument or a variable (`--port`, `$PORT`) is one line: the caret shows the place.
function whereText({ file, line, column }: Place): string {
  return /^(?:--|\$)/.test(file) ? visibleText(file) : `${visibleText(file)}:${line}:${column}`;
}

function indented(carets: string, paint: (text: string) => string): string {
  const marks = carets.trimStart();
  return ' '.repeat(carets.length - marks.length) + paint(marks);
}

function byPlace(a: Problem, b: Problem): number {
  const [left, right] = [a.place, b.place];
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

function countText(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(problems.length - errors, 'warning')];
  const text = counts.filter((count) => count !== '').join(', ');
  return problems.length > MOST_SHOWN ? `${text} (showing the first ${MOST_SHOWN})` : text;
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}
