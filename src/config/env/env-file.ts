import type { EnvFile } from '../../core/plan/sources.ts';
import type { Problem } from '../../core/problem.ts';
import { firstInvisible } from '../../text/invisible.ts';
import { envWarnings } from './warnings.ts';

export type ParseEnv = (text: string) => Record<string, string>;

const ASSIGNMENT = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=|:\s)/;
/** Each check of a group of lines parses the whole file: this bounds the time for a file of invalid lines. */
const MOST_PARSES = 500;

/** Reads an environment file with the given parser, and reports lines that set no variable, or not what one expects. */
export function readEnvText(file: string, text: string, parse: ParseEnv, isExpanded = false): EnvFile {
  const values = parse(text);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const dead = deadLines(lines, values, parse);
  const problems = [
    ...nulBytes(file, lines, values),
    ...dead.map(deadLine),
    ...envWarnings(file, text, isExpanded),
  ];
  return { file, text, values, problems };

  function deadLine(index: number): Problem {
    const line = lines[index] ?? '';
    const shown = withoutSecrets(line);
    const odd = firstInvisible(/^[^=:]*/.exec(line)?.[0].trim() ?? '');
    const start = shown.search(/\S/);
    return {
      code: 'env-file-dead-line',
      severity: 'warning',
      message: 'line sets no variable',
      place: { file, line: index + 1, column: start + 1, length: shown.length - start, text: shown },
      remedy:
        odd === undefined
          ? "use 'NAME=value', start a comment with #, or quote a value with several lines"
          : `remove ${odd.what} from its name`,
    };
  }
}

/** Indexes of lines without any effect that are neither blank nor a comment. */
function deadLines(
  lines: readonly string[],
  values: Readonly<Record<string, string>>,
  parse: ParseEnv,
): number[] {
  const suspects = lines.flatMap((line, index) => (isSuspect(line, values) ? [index] : []));
  const expected = fingerprint(values);
  let parsesLeft = MOST_PARSES;
  return confirmed(suspects);

  // A suspect may belong to a quoted value, so only the parser can tell. Halving checks many lines in one parse.
  function confirmed(indexes: readonly number[]): number[] {
    if (indexes.length === 0 || parsesLeft-- <= 0) return [];
    const removed = new Set(indexes);
    const rest = lines.filter((_, index) => !removed.has(index)).join('\n');
    if (fingerprint(parse(rest)) === expected) return [...indexes];
    if (indexes.length === 1) return [];
    const middle = indexes.length >> 1;
    return [...confirmed(indexes.slice(0, middle)), ...confirmed(indexes.slice(middle))];
  }
}

function isSuspect(line: string, values: Readonly<Record<string, string>>): boolean {
  if (/^\s*(?:#|$)/.test(line)) return false;
  const name = ASSIGNMENT.exec(line)?.[1];
  return name === undefined || !Object.hasOwn(values, name);
}

const fingerprint = (values: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(values));

/** The line without its secrets: it may be a part of a broken assignment, or of a private key. */
function withoutSecrets(line: string): string {
  const [shown = '', word = ''] = /^\s*([^\s=:]*)/.exec(line) ?? [];
  if (word.length > 32) return `${shown.slice(0, -word.length)}***`;
  return line.trimEnd().length > shown.length ? `${shown} ***` : shown;
}

function nulBytes(
  file: string,
  lines: readonly string[],
  values: Readonly<Record<string, string>>,
): Problem[] {
  const names = Object.keys(values).filter((name) => values[name]?.includes('\0'));
  const line = lines.findIndex((text) => text.includes('\0'));
  return names.map((name) => ({
    code: 'env-file-nul',
    severity: 'error',
    message: `the value of '${name}' contains a NUL byte`,
    place: { file, line: line + 1, column: 1, length: 1, text: withoutSecrets(lines[line] ?? '') },
    remedy: 'remove the byte, or save the file as plain UTF-8 text',
  }));
}
