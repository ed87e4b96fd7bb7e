/**
 * The shape of procsup.yaml. What the values mean is judged by app-file.ts; the build makes a JSON Schema of this
 * for editors (scripts/build.js), and for them only are the patterns here.
 */
import * as z from 'zod/mini';
import type { ShapeIssue, ValueKind } from './shape.ts';
import type { ValuePath } from './value-path.ts';

const NAME = '^[A-Za-z0-9_-]{1,63}$';
const STAGE_NAME = '^(?=.*[A-Za-z_-])[A-Za-z0-9_-]{1,63}$';
const DURATION = String.raw`^(?=.)(?:\d*\.?\d+|(?:\d*\.?\d+d)?(?:\d*\.?\d+h)?(?:\d*\.?\d+m)?(?:\d*\.?\d+s)?(?:\d*\.?\d+ms)?)$`;

const restart = () => z.enum(['never', 'on-failure', 'always']);

const command = (description: string) => z.string().check(z.meta({ description, pattern: String.raw`\S` }));

const stage = z.strictObject({
  name: z.optional(
    z.string().check(
      z.meta({
        description:
          'Name of the stage: ingest/NAME instead of ingest/2. Unique in the pipeline, and not only digits.',
        pattern: STAGE_NAME,
      }),
    ),
  ),
  command: command(
    "Command line for /bin/sh, as a command of the Procfile is; a '|' in it is the shell's own.",
  ),
  restart: z.optional(
    restart().check(z.describe('Policy of this stage, over that of its pipeline and of the command line.')),
  ),
});

const pipeText = (description: string) => command(description);

const stageList = (description: string) =>
  z
    .array(
      z.union([
        command("Command line for /bin/sh: one stage, even with a '|' in it."),
        stage.check(z.describe('One stage.')),
      ]),
    )
    .check(z.minLength(1), z.describe(description));

const PIPE_TEXT = "Commands with '|' or '|&' between them; each is a stage.";
const STAGE_LIST = 'The stages, first to last: each reads what the one before it writes.';

const pipeline = z.strictObject({
  stages: z.union([pipeText(PIPE_TEXT), stageList(STAGE_LIST)]),
  restart: z.optional(
    restart().check(
      z.describe('Policy of all stages that say nothing themselves; else that of the command line.'),
    ),
  ),
  drain: z.optional(
    z.union([
      z.string().check(
        z.meta({
          description:
            'How long each stage may go on reading what is left, when the pipeline is stopped: 500ms, 10s, 1m30s. Default 5s.',
          pattern: DURATION,
        }),
      ),
      z.number().check(z.meta({ description: 'The same in seconds; 0 is not to wait.', minimum: 0 })),
    ]),
  ),
});

/** Short forms are as good as `stages: ...`. */
const anyPipeline = z.union([
  pipeText(`Short for 'stages': ${PIPE_TEXT}`),
  stageList(`Short for 'stages': ${STAGE_LIST}`),
  pipeline.check(z.describe('A pipeline that is supervised: its stages are instances of their own.')),
]);

const wholeFile = z.strictObject({
  pipelines: z.optional(
    z.nullable(
      z
        .record(z.string().check(z.meta({ pattern: NAME })), anyPipeline)
        .check(z.describe('Pipelines by name; none of the names of the Procfile.')),
    ),
  ),
});

export const appFileSchema = wholeFile.check(
  z.meta({
    title: 'procsup.yaml',
    description: 'What procsup runs beside the processes of the Procfile.',
  }),
);

/** Everything in which `value` does not have the shape of the file; null is an empty file. */
export function shapeIssues(value: unknown): readonly ShapeIssue[] {
  if (value === null) return [];
  const { error } = z.safeParse(appFileSchema, value);
  return (error?.issues ?? []).flatMap((issue) => shapesOf(issue, [], value));
}

type Issue = z.core.$ZodIssue;

function shapesOf(issue: Issue, within: ValuePath, whole: unknown): readonly ShapeIssue[] {
  const path = [...within, ...(issue.path as ValuePath)];
  const { code } = issue;
  if (code === 'invalid_union') return shapesOfUnion(issue.errors, path, whole);
  if (code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ kind: 'unknown-key', path: [...path, key], known: keysAt(path) }));
  const found = valueAt(whole, path);
  if (code === 'invalid_value') return [{ kind: 'word', path, words: issue.values.map(String), found }];
  if (code === 'too_small') return [{ kind: 'empty', path }];
  if (code !== 'invalid_type') return wordless(code);
  if (found === undefined) return [{ kind: 'missing-key', path }];
  return [{ kind: 'type', path, expected: [kindOf(issue.expected)], found }];
}

/** Of the forms that a value may have the one that was meant is that whose own type it has. */
function shapesOfUnion(branches: readonly Issue[][], path: ValuePath, whole: unknown): readonly ShapeIssue[] {
  const isOtherType = ({ code, path: own }: Issue): boolean => code === 'invalid_type' && own.length === 0;
  const meant = branches.find((issues) => !issues.some(isOtherType));
  if (meant !== undefined) return meant.flatMap((issue) => shapesOf(issue, path, whole));
  const found = valueAt(whole, path);
  if (found === undefined) return [{ kind: 'missing-key', path }];
  const expected = branches.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === 'invalid_type' ? [kindOf(issue.expected)] : [])),
  );
  return [{ kind: 'type', path, expected, found }];
}

const KINDS: Readonly<Record<string, ValueKind>> = {
  string: 'text',
  number: 'number',
  array: 'list',
  object: 'map',
  record: 'map',
};

const kindOf = (expected: string): ValueKind => KINDS[expected] ?? wordless(expected);

const wordless = (what: string): never => {
  throw new Error(`the schema of procsup.yaml has a check without words: ${what}`);
};

/** Maps with known keys are the file, below `pipelines` a pipeline, and below that a stage. */
function keysAt(path: ValuePath): readonly string[] {
  const map = path.length === 0 ? wholeFile : path.length === 2 ? pipeline : stage;
  return Object.keys(map.shape);
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
