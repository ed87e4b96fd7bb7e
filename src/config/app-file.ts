/** What procsup.yaml says, read: the pipelines that are supervised. */
import type { StagePlan } from '../core/plan/process-plan.ts';
import type { PipelineName, PlanReading } from '../core/plan/sources.ts';
import { shapeProblems, type ShapeIssue } from './shape.ts';
import { isMap, isName, NAME_REMEDY, readStages, restartOf } from './stages.ts';
import { parseDuration } from '../text/duration.ts';
import type { Place, Problem } from '../core/problem.ts';
import type { PlaceOf, ValuePath } from './value-path.ts';

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
export function readAppFile({ file, value, issues, placeOf }: AppFileSource): PlanReading {
  const entries = isMap(value) && isMap(value['pipelines']) ? Object.entries(value['pipelines']) : [];
  const readings = entries.map(([name, entry]) => readPipeline(name, entry, placeOf));
  const problems = [
    ...shapeProblems(
      issues.filter(({ path }) => !isDuration(path)),
      placeOf,
    ),
    ...readings.flatMap((reading) => reading.problems),
  ];
  return {
    file,
    processes: readings.flatMap(({ stages }) => stages),
    pipelines: readings.map(({ pipeline }) => pipeline),
    problems,
  };
}

/** They are judged here, whatever the schema has against them. */
const isDuration = (path: ValuePath): boolean => path.length === 3 && path[2] === 'drain';

interface PipelineReading {
  readonly pipeline: PipelineName;
  readonly stages: readonly StagePlan[];
  readonly problems: readonly Problem[];
}

/** A text or a list is short for a map with nothing but stages. */
function readPipeline(name: string, entry: unknown, placeOf: PlaceOf): PipelineReading {
  const path = ['pipelines', name];
  const place = placeOf(path, 'key');
  const isShort = !isMap(entry);
  const { stages: words, restart, drain } = isMap(entry) ? entry : { stages: entry };
  const drainMs = durationOf(drain);
  const { stages, problems } = readStages(words, {
    pipeline: name,
    path: isShort ? path : [...path, 'stages'],
    forAll: { ...restartOf(restart), ...(drainMs !== undefined && { drainMs }) },
    placeOf,
  });
  return {
    pipeline: { name, place },
    stages,
    problems: [
      ...(isName(name) ? [] : [wrongName(name, place)]),
      ...problems,
      ...(drain !== undefined && drainMs === undefined
        ? [wrongDuration(drain, placeOf([...path, 'drain']))]
        : []),
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
