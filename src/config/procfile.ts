import { servicePlan, type ServicePlan } from '../core/plan/process-plan.ts';
import type { PlanReading } from '../core/plan/sources.ts';
import { firstInvisible, firstTypographicQuote, oddRemedy } from '../text/invisible.ts';
import { hasErrors, type Checked, type Place, type Problem } from '../core/problem.ts';

/** The processes of a Procfile, also if there are errors, so that other inputs can be checked against its names. */
export interface ProcfileReading extends PlanReading {
  readonly processes: readonly ServicePlan[];
}

interface Line {
  readonly file: string;
  readonly number: number;
  readonly text: string;
  /** `text`, and the lines that continue it. */
  readonly whole: string;
  /** Why its continuation may not be meant. */
  readonly doubt?: string;
}

const LONGEST_NAME = 63;
const NAME = /^([A-Za-z0-9_-]+):/;

/** Reads a Procfile. `file` is the path as written by the user. Ignored lines get a warning. */
export function parseProcfile(text: string, file: string): Checked<readonly ServicePlan[]> {
  const { processes, problems } = readProcfile(text, file);
  return { value: hasErrors(problems) ? undefined : processes, problems };
}

/** Like `parseProcfile`, but returns the processes even if there are errors. */
export function readProcfile(text: string, file: string): ProcfileReading {
  const processes = new Map<string, ServicePlan>();
  const problems: Problem[] = [];
  for (const line of linesOf(text, file)) {
    if (isComment(line.text)) continue;
    const pair = splitLine(line.whole);
    if (!pair) {
      problems.push(ignoredLine(line));
      continue;
    }
    const { name, command } = pair;
    const first = processes.get(name);
    problems.push(...lineProblems(pair, line, first));
    if (first === undefined) {
      processes.set(name, servicePlan(name, command, placeOf(line, 0, name.length)));
    }
  }
  if (processes.size === 0) problems.push(noProcess(file));
  return { file, processes: [...processes.values()], pipelines: [], problems };
}

function linesOf(text: string, file: string): Line[] {
  const raw = text.replace(/^\uFEFF/, '').split('\n');
  const texts = raw.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const lines: Line[] = [];
  for (let at = 0; at < texts.length; at++) {
    const number = at + 1;
    const first = texts[at] ?? '';
    let whole = first;
    let doubt: string | undefined;
    // As in a shell. A comment does not go on.
    while (isContinued(whole) && NAME.test(first)) {
      const next = texts[++at];
      if (next === undefined || (next === '' && at === texts.length - 1))
        doubt ??= 'the backslash at its end continues it, but no line follows';
      else if (NAME.test(next))
        doubt ??= `line ${at + 1} continues it: the line before ends with a backslash`;
      whole = whole.slice(0, -1) + (next ?? '');
    }
    lines.push({ file, number, text: first, whole, ...(doubt !== undefined && { doubt }) });
  }
  return lines;
}

/** An odd number of backslashes at the end: two are one that is meant. */
const isContinued = (text: string): boolean => (/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 1;

const isComment = (text: string): boolean => /^\s*(?:#|$)/.test(text);

interface Pair {
  readonly name: string;
  readonly command: string;
}

function splitLine(text: string): Pair | undefined {
  const name = NAME.exec(text)?.[1];
  if (name === undefined) return undefined;
  const command = text.slice(name.length + 1).trim();
  return command === '' || command.includes('\r') ? undefined : { name, command };
}

function lineProblems({ name, command }: Pair, line: Line, first: ServicePlan | undefined): Problem[] {
  const problems: Problem[] = [];
  if (first !== undefined) {
    problems.push({
      code: 'procfile-duplicate-name',
      severity: 'error',
      message: `duplicate process name '${name}' in lines ${first.place.line} and ${line.number}`,
      place: placeOf(line, 0, name.length),
      remedy: 'rename one of them, or remove it',
    });
  }
  if (name.length > LONGEST_NAME) {
    problems.push({
      code: 'procfile-long-name',
      severity: 'error',
      message: `process name too long (${name.length} characters; the limit is ${LONGEST_NAME})`,
      place: placeOf(line, 0, name.length),
      remedy: 'shorten it',
    });
  }
  if (command.includes('\0')) {
    problems.push({
      code: 'procfile-nul',
      severity: 'error',
      message: `the command of '${name}' contains a NUL byte`,
      place: placeOf(line, Math.max(0, line.text.indexOf('\0')), 1),
      remedy: 'remove the byte, or save the file as plain UTF-8 text',
    });
  }
  return [...problems, ...doubts(name, line)];
}

/** What is hardly meant so. */
function doubts(name: string, line: Line): Problem[] {
  const problems: Problem[] = [];
  if (line.doubt !== undefined) {
    problems.push({
      code: 'procfile-continued',
      severity: 'warning',
      message: `the command of '${name}': ${line.doubt}`,
      place: placeOf(line, Math.max(0, line.text.length - 1), 1),
      remedy: 'remove the backslash, or add the rest of the command below',
    });
  }
  const rest = line.whole.slice(name.length + 1);
  const odd = firstInvisible(rest) ?? firstTypographicQuote(rest);
  if (odd !== undefined) {
    const at = name.length + 1 + odd.at;
    problems.push({
      code: 'procfile-odd-character',
      severity: 'warning',
      message: `the command of '${name}' contains ${odd.what}`,
      place: placeOf(line, Math.min(at, Math.max(0, line.text.length - 1)), 1),
      remedy: oddRemedy(odd),
    });
  }
  return problems;
}

function ignoredLine(line: Line): Problem {
  const start = line.text.search(/\S/);
  const end = line.text.trimEnd().length;
  return {
    code: 'procfile-ignored-line',
    severity: 'warning',
    message: "line ignored: expected 'name: command'",
    place: placeOf(line, start, end - start),
    remedy: remedyFor(line.text),
  };
}

/** The first match names the mistake; the last matches everything. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^[^\r]*\r/, 'save the file with LF or CRLF line endings'],
  [/^[A-Za-z0-9_-]+:\s*$/, 'add a command after the colon, or remove the line'],
  [/^\s+[A-Za-z0-9_-]+\s*:/, 'remove the white space before the name'],
  [/^[A-Za-z0-9_-]+\s+:/, 'remove the white space before the colon'],
  [/^\s*(?:export\s+)?[A-Za-z_]\w*=/, 'set variables in .env, or start a comment with #'],
  [/^\s*[^\s:]+\s*:/, 'use only the letters A to Z, digits, _ and - in the name'],
  [/^/, "use 'name: command', or start a comment with #"],
];

function remedyFor(text: string): string {
  const odd = firstInvisible(/^[^:]*/.exec(text)?.[0] ?? '');
  if (odd !== undefined && /\S/.test(text)) return `remove ${odd.what} from the name`;
  return REMEDIES.find(([slip]) => slip.test(text))?.[1] ?? '';
}

function noProcess(file: string): Problem {
  return {
    code: 'procfile-empty',
    severity: 'error',
    message: `no processes in '${file}'`,
    remedy: "add a line such as 'web: node server.js'",
  };
}

function placeOf(line: Line, start: number, length: number): Place {
  return { file: line.file, line: line.number, column: start + 1, length, text: line.text };
}
