/**
 * The schema of procsup.yaml. app-file.ts checks what the values mean. The build makes a JSON Schema for editors from it
 * (scripts/build.js); the patterns are only for editors.
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
          'Name of the stage: ingest/NAME instead of ingest/2. Unique in the pipeline; not only digits.',
        pattern: STAGE_NAME,
      }),
    ),
  ),
  command: command("Command line for /bin/sh, as in the Procfile. A '|' in it is handled by the shell."),
  restart: z.optional(
    restart().check(
      z.describe('Restart policy of this stage. Overrides that of its pipeline and of the command line.'),
    ),
  ),
});

const pipeText = (description: string) => command(description);

const stageList = (description: string) =>
  z
    .array(
      z.union([
        command("Command line for /bin/sh: one stage, even if it contains a '|'."),
        stage.check(z.describe('One stage.')),
      ]),
    )
    .check(z.minLength(1), z.describe(description));

const PIPE_TEXT = "Commands separated by '|' or '|&'; each is a stage.";
const STAGE_LIST = 'The stages in order: each reads the output of the one before it.';

const pipeline = z.strictObject({
  stages: z.union([pipeText(PIPE_TEXT), stageList(STAGE_LIST)]),
  restart: z.optional(
    restart().check(
      z.describe('Restart policy of stages without their own. Default: that of the command line.'),
    ),
  ),
  drain: z.optional(
    z.union([
      z.string().check(
        z.meta({
          description:
            'How long each stage may read its remaining input when the pipeline is stopped: 500ms, 10s, 1m30s. Default: 5s.',
          pattern: DURATION,
        }),
      ),
      z.number().check(z.meta({ description: 'The same in seconds; 0 means no waiting.', minimum: 0 })),
    ]),
  ),
});

/** A pipeline, or a short form of one with only `stages`. */
const anyPipeline = z.union([
  pipeText(`Short for 'stages': ${PIPE_TEXT}`),
  stageList(`Short for 'stages': ${STAGE_LIST}`),
  pipeline.check(z.describe('A supervised pipeline: each stage is an instance.')),
]);

const process = z.strictObject({
  stdin: z.optional(
    z.nullable(
      z
        .enum(['open', 'null'])
        .check(
          z.describe('open: a pipe that does not end. null: /dev/null. Default: that of the command line.'),
        ),
    ),
  ),
  tty: z.optional(
    z
      .boolean()
      .check(z.describe('A terminal of its own, to which procsup attach gives access. Default: false.')),
  ),
});

const port = z.union([
  z.enum(['auto']).check(z.describe('Ports that no other directory has, the same at each start.')),
  z.number().check(z.meta({ description: 'Base port, as -p.', minimum: 1, maximum: 65_535 })),
]);

const wholeFile = z.strictObject({
  port: z.optional(
    port.check(z.describe('Base port, from which the PORT of each process is derived. -p overrides it.')),
  ),
  env_expand: z.optional(
    z
      .boolean()
      .check(z.describe('Expand ${NAME}, $NAME and ${NAME:-default} in environment files, as --env-expand.')),
  ),
  processes: z.optional(
    z.nullable(
      z
        .record(z.string().check(z.meta({ pattern: NAME })), process)
        .check(z.describe('How processes of the Procfile run, by their names.')),
    ),
  ),
  pipelines: z.optional(
    z.nullable(
      z
        .record(z.string().check(z.meta({ pattern: NAME })), anyPipeline)
        .check(z.describe('Pipelines by name. The names must differ from those of the Procfile.')),
    ),
  ),
});

export const appFileSchema = wholeFile.check(
  z.meta({
    title: 'procsup.yaml',
    description: 'Configuration of procsup in addition to the Procfile.',
  }),
);

/** All places where `value` does not match the schema; null means an empty file. */
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

/** Of the possible forms of a value, the user meant the one whose type it has. */
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
  boolean: 'flag',
  object: 'map',
  record: 'map',
};

const kindOf = (expected: string): ValueKind => KINDS[expected] ?? wordless(expected);

const wordless = (what: string): never => {
  throw new Error(`no message for the schema check '${what}'`);
};

/** The known keys of the file, of a process below `processes`, of a pipeline below `pipelines`, or of a stage below that. */
function keysAt(path: ValuePath): readonly string[] {
  if (path.length === 0) return Object.keys(wholeFile.shape);
  const map = path[0] === 'processes' ? process : path.length === 2 ? pipeline : stage;
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
