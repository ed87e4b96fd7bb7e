/**
 * What the values of an environment file are to dotenv and are not to foreman or Compose, whose readers may have written
 * it. The values themselves may be secret and are not shown.
 */
import { isShellName } from '../../core/plan/environment.ts';
import type { Place, Problem } from '../../core/problem.ts';
import { firstInvisible, oddRemedy, typographicQuoteAround } from '../../text/invisible.ts';

/** As in dotenv: name, then the value as written, with the blanks and quotes around it. */
const LINE =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?(\s*(?:#.*)?)$/gm;

interface Assignment {
  readonly name: string;
  /** As written, without the blanks around it. */
  readonly raw: string;
  readonly quote: '"' | "'" | '`' | undefined;
  /** What follows it in its line. */
  readonly rest: string;
  /** From 0. */
  readonly line: number;
}

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** One warning for each assignment at most, but for its name, in the order of the lines. */
export function envWarnings(file: string, text: string, isExpanded = false): Problem[] {
  return assignmentsIn(text).flatMap((assignment) => {
    const { name, line } = assignment;
    const place = (column: number, length: number): Place => {
      return { file, line: line + 1, column, length, text: `${name}=***` };
    };
    const [ofName, ofValue] = [findInName(name), findInValue(assignment, isExpanded)];
    return [
      ...(ofName === undefined ? [] : [warning(ofName, place(1, name.length))]),
      ...(ofValue === undefined ? [] : [warning(ofValue, place(name.length + 2, '***'.length))]),
    ];
  });
}

/** The names whose values are in single quotes, in which nothing is expanded. The last line of a name counts. */
export function singleQuoted(text: string): ReadonlySet<string> {
  const quotes = new Map(assignmentsIn(text).map(({ name, quote }) => [name, quote]));
  return new Set([...quotes.keys()].filter((name) => quotes.get(name) === "'"));
}

function assignmentsIn(given: string): Assignment[] {
  const text = given.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  let line = 0;
  let counted = 0;
  return [...text.matchAll(LINE)].map((match) => {
    const [whole, name = '', value = '', rest = ''] = match;
    // Blank lines may come before the name.
    const start = match.index + whole.search(/\S/);
    line += newlines(text.slice(counted, start));
    counted = start;
    const raw = value.trim();
    const [first] = raw;
    const isQuoted = raw.length > 1 && /^['"`]/.test(raw) && raw.endsWith(raw.charAt(0));
    return {
      name,
      raw,
      quote: isQuoted ? (first as Assignment['quote']) : undefined,
      rest: endOf(value) + rest,
      line,
    };
  });
}

const newlines = (text: string): number => text.split('\n').length - 1;
const endOf = (value: string): string => /\s*$/.exec(value)?.[0] ?? '';

function findInName(name: string): Finding | undefined {
  if (isShellName(name)) return undefined;
  return {
    code: 'env-file-name',
    message: `no shell can use a variable named '${name}'`,
    remedy: 'use only letters, digits and _, and no digit at the beginning',
  };
}

/** The first that applies. */
function findInValue(assignment: Assignment, isExpanded: boolean): Finding | undefined {
  const { name, raw, quote, rest } = assignment;
  const odd = firstInvisible(raw) ?? typographicQuoteAround(raw);
  if (odd !== undefined) {
    const message = `the value of '${name}' contains ${odd.what}`;
    return { code: 'env-file-odd-character', message, remedy: oddRemedy(odd) };
  }
  if (quote === undefined && /^['"`]/.test(raw)) return unclosed(name, raw);
  if (quote === undefined && rest.startsWith('#')) {
    return {
      code: 'env-file-cut',
      message: `the value of '${name}' ends before the #, which begins a comment`,
      remedy: 'put the whole value in quotes, or a space before the #',
    };
  }
  if (quote === '"' && (isExpanded ? /\\["\\t]/ : /\\["\\$t]/).test(raw.slice(1, -1))) {
    return {
      code: 'env-file-escape',
      message: `the value of '${name}' keeps its backslashes: in double quotes only \\n and \\r are replaced`,
      remedy: 'leave the backslashes out; put a value that contains " in single quotes',
    };
  }
  if (!isExpanded && quote !== "'" && /\$\{[A-Za-z_]/.test(raw)) {
    return {
      code: 'env-file-reference',
      message: `the value of '${name}' is not expanded: \${...} stays as it is`,
      remedy: 'expand all values with --env-expand, or put it in single quotes if it is meant so',
    };
  }
  return undefined;
}

function unclosed(name: string, raw: string): Finding {
  const isClosed = raw.indexOf(raw.charAt(0), 1) !== -1;
  return {
    code: 'env-file-quote',
    message: isClosed
      ? `the quotes become a part of the value of '${name}': something follows the closing one`
      : `unclosed quote: it becomes a part of the value of '${name}'`,
    remedy: isClosed ? 'put the whole value in quotes' : 'close it, or remove it',
  };
}

function warning(finding: Finding, place: Place): Problem {
  return { ...finding, severity: 'warning', place };
}
