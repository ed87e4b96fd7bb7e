/**
 * Reads a pipeline: a shell command line, or words with `|` between the stages.
 *
 * A stage of a text is a command line for `/bin/sh -c`, as a command of the Procfile is, and `|` binds loosest: it
 * separates stages, and `;`, `&&`, `||` and `&` are inside of one. So `a && b | c` is `(a && b) | c`, where a shell
 * would have read `a && (b | c)`.
 */
import { hasErrors, type Checked, type Place, type Problem } from '../problem.ts';
import { scriptFor } from '../shell/command.ts';
import { scanPipeline, type ScanFailure, type ScannedStage } from '../shell/scan.ts';
import { quoteWords } from '../shell/words.ts';
import { DEEPEST_EXPANSION } from '../shell/scan.ts';

export interface Stage {
  /** As the user wrote it; words that came separately are quoted for a shell. */
  readonly text: string;
  /**
   * The words of its first simple command, without quotes, expansions as they were written: to name the stage, and to
   * find out whether it is a process of the Procfile. None where it begins with `(`, say.
   */
  readonly words: readonly string[];
  /** What `/bin/sh -c` is to get, and behind it the arguments, `$1` and so on. */
  readonly script: string;
  readonly args: readonly string[];
  /** `|&`: what it writes to stderr goes into the pipe as well. */
  readonly joinsStderr: boolean;
}

export type Pipeline = readonly [Stage, ...Stage[]];

/**
 * One argument is a command line, several are words. `source` names them in problems. Problems: `pipe-empty`,
 * `pipe-empty-stage`, `pipe-empty-program`, `pipe-open`, `pipe-unexpected`, `pipe-here-document`, `pipe-deep`, `pipe-nul`.
 */
export function readPipeline(args: readonly string[], source: string): Checked<Pipeline> {
  const [only = ''] = args;
  return args.length <= 1 ? parsePipeline(only, source) : pipelineOfWords(args, source);
}

/** Reads `a | b |& c`. */
export function parsePipeline(text: string, source: string): Checked<Pipeline> {
  const whole = { text, source };
  if (text.includes('\0')) return failed(nulByte(whole, text.indexOf('\0')));
  const { stages, failure } = scanPipeline(text);
  if (failure !== undefined) return failed(scanProblem(whole, failure));
  const isSplit = stages.length > 1;
  const problems = stages
    .filter(({ hasContent }) => !hasContent)
    .map(({ start, end }) => emptyStage(whole, start, end, isSplit));
  return checked(
    stages.map((stage) => stageOfText(text, stage)),
    problems.slice(0, 1),
  );
}

/** Words are kept as they are; `|` and `|&` as whole words separate. The first word of each stage is a program. */
export function pipelineOfWords(words: readonly string[], source: string): Checked<Pipeline> {
  const whole = { text: words.map((word) => (isPipe(word) ? word : quoteWords([word]))).join(' '), source };
  const stages: Stage[] = [];
  const problems: Problem[] = [];
  let own: string[] = [];
  let at = 0;
  let start = 0;

  const end = (joinsStderr: boolean): void => {
    if (own.length === 0) problems.push(emptyStage(whole, start, at, true));
    stages.push(stageOfWords(own, joinsStderr));
    own = [];
  };

  for (const word of words) {
    if (isPipe(word)) {
      end(word === '|&');
      start = at + word.length;
      at = start + 1;
      continue;
    }
    if (word.includes('\0')) problems.push(nulByte(whole, whole.text.indexOf('\0', at)));
    if (word === '' && own.length === 0) problems.push(emptyProgram(whole, at));
    own.push(word);
    at += quoteWords([word]).length + 1;
  }
  end(false);
  return checked(stages, problems.slice(0, 1));
}

const isPipe = (word: string): boolean => word === '|' || word === '|&';

function stageOfText(whole: string, { start, end, words, joinsStderr }: ScannedStage): Stage {
  const text = trimmed(whole.slice(start, end));
  return { text, words, script: scriptFor(text), args: [], joinsStderr };
}

/** Blanks at the end may be quoted by a backslash. */
function trimmed(text: string): string {
  const end = text.trimEnd();
  const isEscaped = /(?:^|[^\\])(?:\\\\)*\\$/.test(end) && end.length < text.length;
  return (isEscaped ? text.slice(0, end.length + 1) : end).trimStart();
}

/** `exec` finds programs only, never what the shell has built in. */
function stageOfWords(words: readonly string[], joinsStderr: boolean): Stage {
  return { text: quoteWords(words), words, script: 'exec "$@"', args: words, joinsStderr };
}

function checked(stages: readonly Stage[], problems: readonly Problem[]): Checked<Pipeline> {
  const [first, ...others] = stages;
  return { value: first === undefined || hasErrors(problems) ? undefined : [first, ...others], problems };
}

const failed = (problem: Problem): Checked<Pipeline> => ({ value: undefined, problems: [problem] });

// ---- What may be wrong -------------------------------------------------------------------------------------------

interface Whole {
  readonly text: string;
  readonly source: string;
}

function placeIn({ text, source }: Whole, at: number, length: number): Place {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', at);
  return {
    file: source,
    line: before.split('\n').length,
    column: at - lineStart + 1,
    length,
    text: text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd),
  };
}

function error(code: string, message: string, remedy: string, place: Place): Problem {
  return { code, severity: 'error', message, remedy, place };
}

/** The caret is below the pipe that lacks a command: after the gap, or before it at the end. */
function emptyStage(whole: Whole, start: number, end: number, isSplit: boolean): Problem {
  if (!isSplit) {
    const remedy = "use for example: procsup pipe 'seq 100 | sort'";
    return error('pipe-empty', 'missing command', remedy, placeIn(whole, 0, 1));
  }
  const isLast = end >= whole.text.trimEnd().length;
  const pipeEnd = whole.text.slice(0, start).endsWith('&') ? 2 : 1;
  const at = isLast ? start - pipeEnd : end;
  const length = isLast ? pipeEnd : whole.text.startsWith('|&', at) ? 2 : 1;
  const where = isLast ? 'after' : 'before';
  return error(
    'pipe-empty-stage',
    `missing command ${where} '${whole.text.slice(at, at + length)}'`,
    'add a command, or remove the pipe; quote a | that is part of a word',
    placeIn(whole, at, length),
  );
}

/** Mostly an empty variable. */
function emptyProgram(whole: Whole, at: number): Problem {
  const remedy = 'name the program of this stage, or remove the empty word';
  return error('pipe-empty-program', 'empty program name', remedy, placeIn(whole, at, 2));
}

function scanProblem(whole: Whole, { why, at, token }: ScanFailure): Problem {
  const place = placeIn(whole, at, token.length);
  switch (why) {
    case 'open':
      return error('pipe-open', `unclosed '${token}'`, `close it, or quote it`, place);
    case 'unexpected':
      return error('pipe-unexpected', `unmatched '${token}'`, 'remove it, or quote it', place);
    case 'here-document':
      return error(
        'pipe-here-document',
        'here-documents are not supported in a pipeline',
        'put the text in a file, or use printf',
        place,
      );
    case 'deep':
      return error(
        'pipe-deep',
        `expansions are nested more than ${DEEPEST_EXPANSION} deep`,
        'put the inner ones into a script of their own',
        place,
      );
  }
}

function nulByte(whole: Whole, at: number): Problem {
  return error('pipe-nul', 'the command contains a NUL byte', 'remove the byte', placeIn(whole, at, 1));
}
