/** The wording for a procsup.yaml of the wrong shape: what is judged by the schema (`schema.ts`). */
import type { Problem } from '../core/problem.ts';
import { suggest } from '../text/suggest.ts';
import type { PlaceOf, ValuePath } from './value-path.ts';

/** What a value may be, as users of YAML call it. */
export type ValueKind = 'text' | 'number' | 'list' | 'map';

/** One way in which a value does not fit. */
export type ShapeIssue = { readonly path: ValuePath } & (
  | { readonly kind: 'type'; readonly expected: readonly ValueKind[]; readonly found: unknown }
  /** `path` ends with the key. */
  | { readonly kind: 'unknown-key'; readonly known: readonly string[] }
  /** `path` ends with the key. */
  | { readonly kind: 'missing-key' }
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly found: unknown }
  | { readonly kind: 'empty' }
);

/** All of them, but for those that only follow from another: the missing key stands there, misspelt. */
export function shapeProblems(issues: readonly ShapeIssue[], placeOf: PlaceOf): readonly Problem[] {
  const misspelt = new Set(
    issues.flatMap((issue) => {
      if (issue.kind !== 'unknown-key') return [];
      const key = String(issue.path.at(-1));
      const meant = isCommand(key) ? 'command' : suggest(key, issue.known);
      return meant === undefined ? [] : [JSON.stringify([...issue.path.slice(0, -1), meant])];
    }),
  );
  return issues
    .filter(({ kind, path }) => kind !== 'missing-key' || !misspelt.has(JSON.stringify(path)))
    .map((issue) => shapeProblem(issue, placeOf));
}

/** Codes: `app-file-type`, `app-file-unknown-key`, `app-file-missing-key`, `app-file-word`, `app-file-empty`. */
function shapeProblem(issue: ShapeIssue, placeOf: PlaceOf): Problem {
  const { path } = issue;
  const key = String(path.at(-1));
  switch (issue.kind) {
    case 'type':
      return {
        code: 'app-file-type',
        severity: 'error',
        message: `${nameOf(path)} must be ${listed(issue.expected.map((kind) => ARTICLED[kind]))}, and this is ${describe(issue.found)}`,
        place: placeOf(path),
        ...remedyForType(key, issue.expected, issue.found),
      };
    case 'unknown-key':
      return {
        code: 'app-file-unknown-key',
        severity: 'error',
        message: `there is no key '${key}' here`,
        place: placeOf(path, 'key'),
        remedy: remedyForKey(key, issue.known),
      };
    case 'missing-key':
      return {
        code: 'app-file-missing-key',
        severity: 'error',
        message: `${nameOf(path.slice(0, -1))} lacks the key '${key}'`,
        place: placeOf(path.slice(0, -1), 'key'),
        remedy: `add a line such as '${key}: ${key === 'stages' ? 'seq 10 | sort' : 'node server.js'}'`,
      };
    case 'word':
      return {
        code: 'app-file-word',
        severity: 'error',
        message: `${typeof issue.found === 'string' ? `'${issue.found}'` : describe(issue.found)} is no value of '${key}'`,
        place: placeOf(path),
        remedy: remedyForWord(issue.found, issue.words),
      };
    case 'empty':
      return {
        code: 'app-file-empty',
        severity: 'error',
        message: `${nameOf(path)} must have at least one entry`,
        place: placeOf(path),
        remedy: 'add a command, or remove the pipeline',
      };
  }
}

const ARTICLED: Readonly<Record<ValueKind, string>> = {
  text: 'a text',
  number: 'a number',
  list: 'a list',
  map: 'a map of keys',
};

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys';
  return isBare(value) ? `the ${typeof value} ${String(value)}` : 'a text';
}

/** What YAML reads as something else than the text it looks like. */
const isBare = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean';

/** For a stage that is named `1`. */
export const NUMBER_REMEDY = 'use a letter in it: a number is what stages without a name have';

function remedyForType(key: string, expected: readonly ValueKind[], found: unknown): Pick<Problem, 'remedy'> {
  if (key === 'name' && typeof found === 'number') return { remedy: NUMBER_REMEDY };
  if (found === null) return { remedy: 'write it behind the colon, or remove the key' };
  return expected.includes('text') && isBare(found) ? { remedy: `write "${String(found)}"` } : {};
}

/** `pipelines.ingest.stages[0]` is the first stage of 'ingest'. */
function nameOf(path: ValuePath): string {
  const [top, pipeline, ...rest] = path;
  if (top === undefined) return 'the file';
  if (pipeline === undefined) return `'${String(top)}'`;
  const owner = `'${String(pipeline)}'`;
  const number = rest.find((step) => typeof step === 'number');
  const key = rest.findLast((step) => typeof step === 'string');
  const isList = number !== undefined && typeof rest.at(-1) === 'number';
  if (isList) return `stage ${String(number + 1)} of ${owner}`;
  if (number !== undefined) return `'${String(key)}' of stage ${String(number + 1)} of ${owner}`;
  return key === undefined ? owner : `'${key}' of ${owner}`;
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

/** A command with `: ` in it is a map to YAML. */
const isCommand = (key: string): boolean => /\s/.test(key);

function remedyForKey(key: string, known: readonly string[]): string {
  const keys = `the keys are ${known.join(', ')}`;
  if (isCommand(key)) return `${keys}; if this is a command, put it in quotes, because it has ': ' in it`;
  const meant = suggest(key, known);
  return meant === undefined ? keys : `did you mean '${meant}'? ${keys}`;
}

function remedyForWord(found: unknown, words: readonly string[]): string {
  const meant = typeof found === 'string' ? suggest(found, words) : undefined;
  const use = `use ${listed(words)}`;
  return meant === undefined ? use : `did you mean '${meant}'? ${use}`;
}
