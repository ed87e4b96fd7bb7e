/** Reads procsup.yaml: the supervised pipelines. */
import type { PipelinePlan } from '../core/plan/sources.ts';
import { shapeProblems, type ShapeIssue } from './shape.ts';
import { isMap, isName, isRestartMode, NAME_REMEDY, readStages } from './stages.ts';
import { parseDuration } from '../core/duration.ts';
import type { Place, Problem } from '../core/problem.ts';
import type { PlaceOf, ValuePath } from './value-path.ts';

export interface AppFile {
  /** The path as written by the user. */
  readonly file: string;
  /** All named pipelines, even invalid ones; undefined if the file could not be read. */
  readonly pipelines: readonly PipelinePlan[] | undefined;
  readonly problems: readonly Problem[];
}

const DEFAULT_DRAIN_MS = 5_000;

/** The parsed file, independent of YAML. */
export interface AppFileSource {
  readonly file: string;
  /** Null if the file is empty. */
  readonly value: unknown;
  /** Where it does not match the schema. */
  readonly issues: readonly ShapeIssue[];
  readonly placeOf: PlaceOf;
}

/**
 * Reads the file and reports all problems. Values that do not match the schema are skipped, the rest is checked.
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

/** Durations are checked here and not by the schema. */
const isDuration = (path: ValuePath): boolean => path.length === 3 && path[2] === 'drain';

interface PipelineReading {
  readonly pipeline: PipelinePlan;
  readonly problems: readonly Problem[];
}

/** A string or a list is short for a map that has only stages. */
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

/** A plain number means seconds. */
function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseDuration(String(value)) : undefined;
}

function wrongName(name: string, place: Place): Problem {
  return {
    code: 'app-file-name',
    severity: 'error',
    message: `invalid pipeline name '${name}'`,
    place,
    remedy: NAME_REMEDY,
  };
}

function wrongDuration(value: unknown, place: Place): Problem {
  const found = typeof value === 'string' || typeof value === 'number' ? ` '${String(value)}'` : '';
  return {
    code: 'app-file-duration',
    severity: 'error',
    message: `invalid duration${found}`,
    place,
    remedy: 'use for example 500ms, 10s or 1m30s, at most 24 days; 0 means no waiting',
  };
}
