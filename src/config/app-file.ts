/** Reads procsup.yaml: the supervised pipelines, and how processes of the Procfile run. */
import type { StagePlan } from '../core/plan/process-plan.ts';
import type { ProcessSettings } from '../core/plan/process-settings.ts';
import type { PipelineName, PlanReading } from '../core/plan/sources.ts';
import { shapeProblems, type ShapeIssue } from './shape.ts';
import { isMap, isName, NAME_REMEDY, readStages, restartOf } from './stages.ts';
import { parseDuration } from '../text/duration.ts';
import type { Place, Problem } from '../core/problem.ts';
import type { PlaceOf, ValuePath } from './value-path.ts';

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
export function readAppFile({ file, value, issues, placeOf }: AppFileSource): PlanReading {
  const entries = isMap(value) && isMap(value['pipelines']) ? Object.entries(value['pipelines']) : [];
  const readings = entries.map(([name, entry]) => readPipeline(name, entry, placeOf));
  const settings = readSettings(value, placeOf);
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
    ...(settings.length > 0 && { settings }),
    ...portOf(value, issues, placeOf),
    ...(isMap(value) && typeof value['env_expand'] === 'boolean' && { envExpand: value['env_expand'] }),
    problems,
  };
}

/** Values of other types are problems of the schema. */
function readSettings(value: unknown, placeOf: PlaceOf): readonly ProcessSettings[] {
  const entries = isMap(value) && isMap(value['processes']) ? Object.entries(value['processes']) : [];
  return entries.map(([name, entry]): ProcessSettings => {
    const { tty, stdin } = isMap(entry) ? entry : {};
    const kind = stdin === null || stdin === 'null' ? 'null' : stdin === 'open' ? 'open' : undefined;
    const place = placeOf(['processes', name], 'key');
    return { name, place, ...(typeof tty === 'boolean' && { tty }), ...(kind && { stdin: kind }) };
  });
}

function portOf(value: unknown, issues: readonly ShapeIssue[], placeOf: PlaceOf): Pick<PlanReading, 'port'> {
  const port = isMap(value) ? value['port'] : undefined;
  const isWrong = issues.some(({ path }) => path[0] === 'port');
  if (isWrong || (typeof port !== 'string' && typeof port !== 'number')) return {};
  return { port: { text: String(port), place: placeOf(['port']) } };
}

/** Durations are checked here and not by the schema. */
const isDuration = (path: ValuePath): boolean => path.length === 3 && path[2] === 'drain';

interface PipelineReading {
  readonly pipeline: PipelineName;
  readonly stages: readonly StagePlan[];
  readonly problems: readonly Problem[];
}

/** A string or a list is short for a map that has only stages. */
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
