/** The wording of the problems that the schema finds in procsup.yaml (`schema.ts`). */
import type { Place, Problem } from '../core/problem.ts';
import { remedyForForeignKey } from './entries/foreign-keys.ts';
import { suggest } from '../text/suggest.ts';
import type { PlaceOf, ValuePath } from './yaml/value-path.ts';

/** The types of values in YAML. */
export type ValueKind = 'text' | 'number' | 'flag' | 'list' | 'map';

/** One mismatch between a value and the schema. */
export type ShapeIssue = { readonly path: ValuePath } & (
  | { readonly kind: 'type'; readonly expected: readonly ValueKind[]; readonly found: unknown }
  /** `path` ends with the key. */
  | { readonly kind: 'unknown-key'; readonly known: readonly string[] }
  /** `path` ends with the key. */
  | { readonly kind: 'missing-key' }
  | { readonly kind: 'word'; readonly words: readonly string[]; readonly found: unknown }
  | { readonly kind: 'empty' }
);

/** All problems, except a missing key that is there but misspelt. */
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
        message: `${nameOf(path)} must be ${listed(issue.expected.map((kind) => ARTICLED[kind]))}, got ${describe(issue.found)}`,
        place: placeOf(path),
        ...remedyForType(path, issue.expected, issue.found),
      };
    case 'unknown-key':
      return {
        code: 'app-file-unknown-key',
        severity: 'error',
        message: `unknown key '${key}'`,
        place: placeOf(path, 'key'),
        remedy: remedyForForeignKey(path) ?? remedyForKey(key, issue.known),
      };
    case 'missing-key':
      return {
        code: 'app-file-missing-key',
        severity: 'error',
        message: `missing key '${key}' in ${nameOf(path.slice(0, -1))}`,
        place: placeOf(path.slice(0, -1), 'key'),
        remedy: `add a line such as '${key}: ${exampleOf(path)}'`,
      };
    case 'word':
      return wordProblem(key, issue.found, issue.words, placeOf(path));
    case 'empty':
      return {
        code: 'app-file-empty',
        severity: 'error',
        message: `${nameOf(path)} must have at least one stage`,
        place: placeOf(path),
        remedy: 'add a command, or remove the pipeline',
      };
  }
}

const exampleOf = (path: ValuePath): string =>
  path.at(-1) === 'stages' ? 'seq 10 | sort' : path[0] === 'pools' ? 'python3 worker.py' : 'node server.js';

/** A value that is none of these words. */
export function wordProblem(key: string, found: unknown, words: readonly string[], place: Place): Problem {
  return {
    code: 'app-file-word',
    severity: 'error',
    message:
      typeof found === 'string'
        ? `invalid value '${found}' for '${key}'`
        : `invalid value for '${key}': ${describe(found)}`,
    place,
    remedy: remedyForWord(found, words),
  };
}

const ARTICLED: Readonly<Record<ValueKind, string>> = {
  text: 'a string',
  number: 'a number',
  flag: 'true or false',
  list: 'a list',
  map: 'a map',
};

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'no value';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return isBare(value) ? String(value) : 'a string';
}

/** An unquoted value that YAML does not read as a string. */
const isBare = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean';

/** For a stage that is named `1`. */
export const NUMBER_REMEDY = 'add a letter: plain numbers are used for stages without a name';

function remedyForType(
  path: ValuePath,
  expected: readonly ValueKind[],
  found: unknown,
): Pick<Problem, 'remedy'> {
  const key = path.at(-1);
  if (path.at(-2) === 'depends_on' && typeof key === 'number' && describe(found) === 'a map')
    return { remedy: `write conditions as a map: depends_on: {${mapText(found as object)}, ...}` };
  if (key === 'name' && typeof found === 'number') return { remedy: NUMBER_REMEDY };
  if (found === null) return { remedy: 'add a value after the colon, or remove the key' };
  return expected.includes('text') && isBare(found) ? { remedy: `put it in quotes: "${String(found)}"` } : {};
}

const mapText = (map: object): string =>
  Object.entries(map)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : '...'}`)
    .join(', ');

const SORTS: Readonly<Record<string, string>> = {
  processes: 'process',
  pipelines: 'pipeline',
  pools: 'pool',
  tasks: 'task',
};

/** `pipelines.ingest.stages[0]` is `stage 1 of pipeline 'ingest'`. */
function nameOf(path: ValuePath): string {
  const [top, owned, ...rest] = path;
  if (top === undefined) return 'the file';
  if (owned === undefined) return `'${String(top)}'`;
  const sort = SORTS[String(top)];
  const isOwner = sort !== undefined;
  const owner = isOwner ? `${sort} '${String(owned)}'` : `'${String(top)}'`;
  const steps = isOwner ? rest : [owned, ...rest];
  const number = steps.findLast((step) => typeof step === 'number');
  const key = steps.findLast((step) => typeof step === 'string');
  if (top === 'pipelines') return nameInPipeline(owner, steps, number, key);
  if (key === undefined) return owner;
  const whose = `'${key}' in ${owner}`;
  return typeof steps.at(-1) === 'number' ? `item ${String(Number(number) + 1)} of ${whose}` : whose;
}

function nameInPipeline(
  owner: string,
  steps: ValuePath,
  number: number | undefined,
  key: string | undefined,
): string {
  if (number === undefined) return key === undefined ? owner : `'${key}' in ${owner}`;
  const stage = `stage ${String(number + 1)} of ${owner}`;
  return typeof steps.at(-1) === 'number' ? stage : `'${String(key)}' in ${stage}`;
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

/** YAML reads a command that contains `: ` as a map. */
const isCommand = (key: string): boolean => /\s/.test(key);

/** More are not listed beside the one that is meant. */
const MOST_LISTED = 12;

function remedyForKey(key: string, known: readonly string[]): string {
  const keys = `valid keys: ${known.join(', ')}`;
  if (isCommand(key)) return `${keys}; a command that contains ': ' must be in quotes`;
  const meant = suggest(key, known);
  if (meant !== undefined && known.length > MOST_LISTED) return `did you mean '${meant}'?`;
  return meant === undefined ? keys : `did you mean '${meant}'? ${keys}`;
}

function remedyForWord(found: unknown, words: readonly string[]): string {
  const meant = typeof found === 'string' ? suggest(found, words) : undefined;
  const use = `use ${listed(words)}`;
  return meant === undefined ? use : `did you mean '${meant}'? ${use}`;
}
