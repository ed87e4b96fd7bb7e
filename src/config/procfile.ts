import { servicePlan, type ServicePlan } from '../core/plan/process-plan.ts';
import type { PlanReading } from '../core/plan/sources.ts';
import { hasErrors, type Checked, type Place, type Problem } from '../core/problem.ts';

/** The processes of a Procfile, also if there are errors, so that other inputs can be checked against its names. */
export interface ProcfileReading extends PlanReading {
  readonly processes: readonly ServicePlan[];
}

interface Line {
  readonly file: string;
  readonly number: number;
  readonly text: string;
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
    const pair = splitLine(line.text);
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
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.map((raw, index) => ({
    file,
    number: index + 1,
    text: raw.endsWith('\r') ? raw.slice(0, -1) : raw,
  }));
}

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
      place: placeOf(line, line.text.indexOf('\0'), 1),
      remedy: 'remove the byte, or save the file as plain UTF-8 text',
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
