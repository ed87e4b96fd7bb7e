/** Reads procsup.yaml: processes, what holds for all of them, pools, supervised pipelines, and tasks. */
import { rollingProblems } from '../core/plan/rolling.ts';
import { adaptToSockets } from '../core/sockets/adapt.ts';
import type { StagePlan } from '../core/plan/process-plan.ts';
import type { PoolSettings } from '../core/plan/pools.ts';
import type { PipelineName, PlanReading } from '../core/plan/sources.ts';
import type { TaskSettings } from '../core/task/settings.ts';
import { readCaps } from './entries/caps.ts';
import { durationProblem, isMap } from './entries/entry.ts';
import { readPoolEntry } from './entries/pool-entry.ts';
import { readDefaults, readProcessEntry } from './entries/process-entry.ts';
import { shapeProblems, type ShapeIssue } from './shape.ts';
import { readQueues } from './entries/queues.ts';
import { readTaskEntry } from './entries/task-entry.ts';
import { isName, NAME_REMEDY, readStages, restartOf } from './entries/stages.ts';
import { parseDuration } from '../text/duration.ts';
import type { Place, Problem } from '../core/problem.ts';
import { withTasks } from './watch-tasks.ts';
import type { PlaceOf, ValuePath } from './yaml/value-path.ts';

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
 * Problems: those of `shapeProblems` and `readStages`, and `app-file-name`, `app-file-duration`, `app-file-value`.
 */
export function readAppFile({ file, value, issues, placeOf }: AppFileSource): PlanReading {
  const entries = isMap(value) && isMap(value['pipelines']) ? Object.entries(value['pipelines']) : [];
  const readings = entries.map(([name, entry]) => readPipeline(name, entry, placeOf));
  const { problems: ofProcesses, ...processes } = readProcesses(value, placeOf);
  const ofPools: Problem[] = [];
  const pools = readPools(value, placeOf, ofPools);
  const ofCaps: Problem[] = [];
  const caps = readCaps(isMap(value) ? value['caps'] : undefined, placeOf, ofCaps);
  const ofQueues: Problem[] = [];
  const queues = readQueues(isMap(value) ? value['queues'] : undefined, placeOf, ofQueues);
  const ofTasks: Problem[] = [];
  const tasks = readTasks(value, placeOf, ofTasks);
  const hasOthers = isMap(value) && value['scripts'] === true;
  const settings = withTasks(processes.settings ?? [], tasks, { hasOthers, placeOf, problems: ofTasks });
  const problems = [
    ...shapeProblems(
      issues.filter(({ path }) => !isDuration(path)),
      placeOf,
    ),
    ...ofProcesses,
    ...ofPools,
    ...ofCaps,
    ...ofQueues,
    ...ofTasks,
    ...readings.flatMap((reading) => reading.problems),
  ];
  return {
    file,
    processes: readings.flatMap(({ stages }) => stages),
    pipelines: readings.map(({ pipeline }) => pipeline),
    ...processes,
    ...(settings.length > 0 && { settings }),
    ...(pools.length > 0 && { pools }),
    ...(caps.length > 0 && { caps }),
    ...(queues.length > 0 && { queues }),
    ...(tasks.length > 0 && { tasks }),
    ...(hasOthers && { scripts: true }),
    ...portOf(value, issues, placeOf),
    ...(isMap(value) && typeof value['env_expand'] === 'boolean' && { envExpand: value['env_expand'] }),
    ...adaptedBy(processes.settings),
    problems,
  };
}

function adaptedBy(settings: PlanReading['settings'] = []): Pick<PlanReading, 'adapt'> {
  const hasSockets = settings.some(({ listen }) => listen !== undefined);
  if (!hasSockets && !settings.some(({ rolling }) => rolling === true)) return {};
  return {
    adapt(plans, root) {
      const adapted = adaptToSockets(plans, root);
      return { ...adapted, problems: [...adapted.problems, ...rollingProblems(plans)] };
    },
  };
}

/** Values of other types are problems of the schema. */
function readProcesses(
  value: unknown,
  placeOf: PlaceOf,
): Pick<PlanReading, 'settings' | 'defaults'> & { readonly problems: readonly Problem[] } {
  const { processes, defaults } = isMap(value) ? value : {};
  const problems: Problem[] = [];
  const common = isMap(defaults)
    ? readDefaults(defaults, { path: ['defaults'], placeOf, problems })
    : undefined;
  const settings = Object.entries(isMap(processes) ? processes : {}).map(([name, entry]) => {
    const path = ['processes', name];
    if (!isName(name)) problems.push(wrongName(name, 'process', placeOf(path, 'key')));
    return readProcessEntry(name, entry, { path, placeOf, problems });
  });
  return {
    ...(settings.length > 0 && { settings }),
    ...(common !== undefined && { defaults: common }),
    problems,
  };
}

function readPools(value: unknown, placeOf: PlaceOf, problems: Problem[]): readonly PoolSettings[] {
  const pools = isMap(value) && isMap(value['pools']) ? Object.entries(value['pools']) : [];
  return pools.flatMap(([name, entry]) => {
    const path = ['pools', name];
    if (!isName(name)) problems.push(wrongName(name, 'pool', placeOf(path, 'key')));
    return readPoolEntry(name, entry, { path, placeOf, problems }) ?? [];
  });
}

const readTasks = (value: unknown, placeOf: PlaceOf, problems: Problem[]): readonly TaskSettings[] =>
  Object.entries(isMap(value) && isMap(value['tasks']) ? value['tasks'] : {})
    .filter(([name]) => !name.startsWith('x-'))
    .map(([name, entry]) => readTaskEntry(name, entry, { path: ['tasks', name], placeOf, problems }));

function portOf(value: unknown, issues: readonly ShapeIssue[], placeOf: PlaceOf): Pick<PlanReading, 'port'> {
  const port = isMap(value) ? value['port'] : undefined;
  const isWrong = issues.some(({ path }) => path[0] === 'port');
  if (isWrong || (typeof port !== 'string' && typeof port !== 'number')) return {};
  return { port: { text: String(port), place: placeOf(['port']) } };
}

/** Of pipelines these are checked here and not by the schema. */
const isDuration = (path: ValuePath): boolean =>
  path.length === 3 && path[0] === 'pipelines' && path[2] === 'drain';

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
      ...(isName(name) ? [] : [wrongName(name, 'pipeline', place)]),
      ...problems,
      ...(drain !== undefined && drainMs === undefined
        ? [durationProblem(drain, placeOf([...path, 'drain']))]
        : []),
    ],
  };
}

/** A plain number means seconds. */
function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseDuration(String(value)) : undefined;
}

function wrongName(name: string, sort: 'process' | 'pipeline' | 'pool', place: Place): Problem {
  return {
    code: 'app-file-name',
    severity: 'error',
    message: `invalid ${sort} name '${name}'`,
    place,
    remedy: NAME_REMEDY,
  };
}
