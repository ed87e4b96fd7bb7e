/** What zod finds, as `ShapeIssue`s: the schema says which keys are known, and which form of a value was meant. */
import type { ShapeIssue, ValueKind } from '../shape.ts';
import type { ValuePath } from '../yaml/value-path.ts';
import type { z } from './zod.ts';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** All places where `value` does not match; null means an empty file. Keys that begin with `x-` are ignored. */
export function issuesOf(schema: Schema, issues: readonly Issue[], value: unknown): readonly ShapeIssue[] {
  const whole = { schema, value };
  return issues.flatMap((issue) => shapesOf(issue, [], whole));
}

interface Whole {
  readonly schema: Schema;
  readonly value: unknown;
}

function shapesOf(issue: Issue, within: ValuePath, whole: Whole): readonly ShapeIssue[] {
  const path = [...within, ...(issue.path as ValuePath)];
  const { code } = issue;
  if (code === 'invalid_union') return shapesOfUnion(issue.errors, path, whole);
  if (code === 'unrecognized_keys') {
    return issue.keys
      .filter((key) => !key.startsWith('x-'))
      .map((key) => ({ kind: 'unknown-key', path: [...path, key], known: keysAt(whole.schema, path) }));
  }
  const found = valueAt(whole.value, path);
  if (code === 'invalid_value') return [{ kind: 'word', path, words: issue.values.map(String), found }];
  if (code === 'too_small') return [{ kind: 'empty', path }];
  if (code !== 'invalid_type') return wordless(code);
  if (found === undefined) return [{ kind: 'missing-key', path }];
  return [{ kind: 'type', path, expected: [kindOf(issue.expected)], found }];
}

/** Of the possible forms of a value, the user meant the one whose type it has. */
function shapesOfUnion(branches: readonly Issue[][], path: ValuePath, whole: Whole): readonly ShapeIssue[] {
  const isOtherType = ({ code, path: own }: Issue): boolean => code === 'invalid_type' && own.length === 0;
  const meant = branches.find((issues) => !issues.some(isOtherType));
  if (meant !== undefined) return meant.flatMap((issue) => shapesOf(issue, path, whole));
  const found = valueAt(whole.value, path);
  if (found === undefined) return [{ kind: 'missing-key', path }];
  const expected = branches.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === 'invalid_type' ? [kindOf(issue.expected)] : [])),
  );
  return [{ kind: 'type', path, expected: [...new Set(expected)], found }];
}

const KINDS: Readonly<Record<string, ValueKind>> = {
  string: 'text',
  number: 'number',
  array: 'list',
  boolean: 'flag',
  object: 'map',
  record: 'map',
};

const kindOf = (expected: string): ValueKind => KINDS[expected] ?? wordless(expected);

const wordless = (what: string): never => {
  throw new Error(`no message for the schema check '${what}'`);
};

/** What a schema consists of, as far as a path can go into it. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly options?: readonly Schema[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly valueType?: Schema;
  readonly element?: Schema;
}

const definitionOf = (schema: Schema): Definition => schema._zod.def;

/** The forms that a value may have. */
function formsOf(schema: Schema): readonly Definition[] {
  const definition = definitionOf(schema);
  if (definition.innerType !== undefined) return formsOf(definition.innerType);
  if (definition.options !== undefined) return definition.options.flatMap(formsOf);
  return [definition];
}

/** The known keys of the map at this path. */
function keysAt(schema: Schema, path: ValuePath): readonly string[] {
  let forms = formsOf(schema);
  for (const step of path) {
    forms = forms.flatMap(({ shape, valueType, element }) =>
      [shape?.[step], valueType, element].flatMap((next) => (next === undefined ? [] : formsOf(next))),
    );
  }
  return forms.flatMap(({ shape }) => Object.keys(shape ?? {}));
}

function valueAt(whole: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    whole,
  );
}
