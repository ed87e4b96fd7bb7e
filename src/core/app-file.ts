/** What procsup.yaml says, read: the pipelines that are supervised. */
import { shapeProblems, type ShapeIssue } from './app-file-shape.ts';
import { isMap, isName, isRestartMode, NAME_REMEDY, readStages, type StagePlan } from './app-file-stages.ts';
import { parseDuration } from '../text/duration.ts';
import type { Place, Problem } from './problem.ts';
import type { PlaceOf, ValuePath } from './value-path.ts';

export interface AppFile {
  /** The path as the user would write it. */
  readonly file: string;
  /** Each that has a name, whatever is wrong with it; undefined if the file could not be read. */
  readonly pipelines: readonly PipelinePlan[] | undefined;
  readonly problems: readonly Problem[];
}

export interface PipelinePlan {
  readonly name: string;
  /** Where its name stands. */
  readonly place: Place;
  readonly stages: readonly StagePlan[];
  /** How long each stage may go on reading when the pipeline is stopped. */
  readonly drainMs: number;
}

const DEFAULT_DRAIN_MS = 5_000;

/** The file as it was parsed: YAML is one syntax of it. */
export interface AppFileSource {
  readonly file: string;
  /** Null if the file is empty. */
  readonly value: unknown;
  /** In what it does not have the shape that it should have. */
  readonly issues: readonly ShapeIssue[];
  readonly placeOf: PlaceOf;
}

/**
 * Finds everything that is wrong at once: what does not have the right shape is passed over, the rest is judged.
 * Problems: those of `shapeProblems` and `readStages`, and `app-file-name`, `app-file-duration`.
 */
export function readAppFile({ file, value, issues, placeOf }: AppFileSource): AppFile {
  const entries = isMap(value) && isMap(value['pipelines']) ? Object.entries(value['pipelines']) : [];
  const readings = entries.map(([name, entry]) => readPipeline(name, entry, placeOf));
  const problems = [
    ...shapeProblems(
      issues.filter(({ path }) => !isDuration(path)),
      placeOf,
    ),
    ...readings.flatMap((reading) => reading.problems),
  ];
  return { file, pipelines: readings.map(({ pipeline }) => pipeline), problems };
}

/** They are judged here, whatever the schema has against them. */
const isDuration = (path: ValuePath): boolean => path.length === 3 && path[2] === 'drain';

interface PipelineReading {
  readonly pipeline: PipelinePlan;
  readonly problems: readonly Problem[];
}

/** A text or a list is short for a map with nothing but stages. */
function readPipeline(name: string, entry: unknown, placeOf: PlaceOf): PipelineReading {
  const path = ['pipelines', name];
  const place = placeOf(path, 'key');
  const isShort = !isMap(entry);
  const { stages: words, restart, drain } = isMap(entry) ? entry : { stages: entry };
  const { stages, problems } = readStages(words, {
    pipeline: name,
    path: isShort ? path : [...path, 'stages'],
    restart: isRestartMode(restart) ? restart : undefined,
    placeOf,
  });
  const drainMs = drain === undefined ? DEFAULT_DRAIN_MS : durationOf(drain);
  return {
    pipeline: { name, place, stages, drainMs: drainMs ?? DEFAULT_DRAIN_MS },
    problems: [
      ...(isName(name) ? [] : [wrongName(name, place)]),
      ...problems,
      ...(drainMs === undefined ? [wrongDuration(drain, placeOf([...path, 'drain']))] : []),
    ],
  };
}

/** A bare number is seconds. */
function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseDuration(String(value)) : undefined;
}

function wrongName(name: string, place: Place): Problem {
  return {
    code: 'app-file-name',
    severity: 'error',
    message: `'${name}' cannot be the name of a pipeline`,
    place,
    remedy: NAME_REMEDY,
  };
}

function wrongDuration(value: unknown, place: Place): Problem {
  const found = typeof value === 'string' || typeof value === 'number' ? `'${String(value)}'` : 'this';
  return {
    code: 'app-file-duration',
    severity: 'error',
    message: `${found} is not a duration`,
    place,
    remedy: "use for example 500ms, 10s or 1m30s, at most 24 days; 0 is 'do not wait'",
  };
}
