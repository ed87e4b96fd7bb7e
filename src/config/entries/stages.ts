/** Reads the stages of one pipeline of procsup.yaml. Values that do not match the schema are skipped. */
import { stagePlan, type StagePlan } from '../../core/plan/process-plan.ts';
import { isMap } from './entry.ts';
import { NUMBER_REMEDY } from '../shape.ts';
import { parsePipeline } from '../../core/pipeline/parse.ts';
import type { Place, Problem } from '../../core/problem.ts';
import type { RestartMode } from '../../core/process/restart-policy.ts';
import { scriptFor } from '../../core/shell/command.ts';
import type { PlaceOf, Stretch, ValuePath } from '../yaml/value-path.ts';

export interface StagesReading {
  readonly stages: readonly StagePlan[];
  readonly problems: readonly Problem[];
}

/** The pipeline and the place of its stages. */
export interface StagesContext {
  readonly pipeline: string;
  readonly path: ValuePath;
  /** The values of the pipeline, for stages without their own. */
  readonly forAll: Pick<StagePlan, 'restart' | 'drainMs'>;
  readonly placeOf: PlaceOf;
}

const MOST_STAGES = 1_000;

/**
 * A string in the grammar of `core/pipeline/parse.ts`, whose problems have their own codes, or a list of commands.
 * Problems of the list: `app-file-many-stages`, `app-file-empty-command`, `app-file-nul`, `app-file-stage-name`.
 */
export function readStages(value: unknown, context: StagesContext): StagesReading {
  const reading =
    typeof value === 'string'
      ? stagesOfText(value, context)
      : Array.isArray(value)
        ? stagesOfList(value as readonly unknown[], context)
        : { stages: [], problems: [] };
  const count = Array.isArray(value) ? value.length : reading.stages.length;
  if (count <= MOST_STAGES) return reading;
  return { stages: [], problems: [manyStages(count, context)] };
}

/** Whether it is a valid name of a pipeline or a stage. */
export const isName = (text: string): boolean => /^[A-Za-z0-9_-]{1,63}$/.test(text);

export const NAME_REMEDY = 'use 1 to 63 of the letters A to Z, digits, _ and -';

/** The policy, if it has the right shape. */
export const restartOf = (value: unknown): Pick<StagePlan, 'restart'> =>
  isRestartMode(value) ? { restart: { mode: value } } : {};

const isRestartMode = (value: unknown): value is RestartMode =>
  value === 'never' || value === 'on-failure' || value === 'always';

/** All stages of one text have its place: to find each in a scalar of YAML would read the text as often as it has stages. */
function stagesOfText(text: string, { path, forAll, placeOf, pipeline }: StagesContext): StagesReading {
  const { value = [], problems } = parsePipeline(text, '');
  const place = placeOf(path);
  const stages = value.map(({ text: command, script, joinsStderr }, before) =>
    stagePlan(pipeline, String(before + 1), { ...forAll, command, script, joinsStderr, place }),
  );
  const placed = problems.map((problem): Problem => {
    if (problem.code === 'pipe-empty') return emptyCommand(`pipeline '${pipeline}'`, placeOf(path));
    return { ...problem, place: placeOf(path, stretchOf(text, problem.place)) };
  });
  return { stages, problems: placed };
}

/** Converts line and column in the string to a stretch of the file's value. */
function stretchOf(text: string, place: Place | undefined): Stretch {
  if (place === undefined) return { at: 0, length: 1 };
  const before = text.split('\n').slice(0, place.line - 1);
  return {
    at: before.join('\n').length + Math.min(1, before.length) + place.column - 1,
    length: place.length,
  };
}

function stagesOfList(list: readonly unknown[], context: StagesContext): StagesReading {
  const { pipeline, placeOf } = context;
  const stages: StagePlan[] = [];
  const problems: Problem[] = [];
  const numberOf = new Map<string, number>();
  for (const [before, entry] of list.slice(0, MOST_STAGES).entries()) {
    const number = before + 1;
    const path = [...context.path, before];
    const given = isMap(entry) ? entry : { command: entry };
    const { name, command, restart } = given;
    if (typeof name === 'string') {
      const at = placeOf([...path, 'name']);
      const first = numberOf.get(name);
      if (!isName(name) || /^\d+$/.test(name)) problems.push(wrongName(name, at));
      else if (first !== undefined) problems.push(sharedName(name, pipeline, [first, number], at));
      else numberOf.set(name, number);
    }
    if (typeof command !== 'string') continue;
    const at = (part?: Stretch) => placeOf(isMap(entry) ? [...path, 'command'] : path, part);
    const whose = `stage ${String(number)} of pipeline '${pipeline}'`;
    if (command.trim() === '') problems.push(emptyCommand(whose, at()));
    if (command.includes('\0')) problems.push(nulByte(whose, at({ at: command.indexOf('\0'), length: 1 })));
    stages.push(
      stagePlan(pipeline, typeof name === 'string' ? name : String(number), {
        command: command.trim(),
        script: scriptFor(command.trim()),
        joinsStderr: false,
        place: placeOf(path, 'key'),
        ...context.forAll,
        ...restartOf(restart),
      }),
    );
  }
  return { stages, problems };
}

function error(code: string, message: string, remedy: string, place: Place): Problem {
  return { code, severity: 'error', message, place, remedy };
}

function manyStages(count: number, { pipeline, path, placeOf }: StagesContext): Problem {
  return error(
    'app-file-many-stages',
    `too many stages in pipeline '${pipeline}' (${String(count)}; the limit is ${String(MOST_STAGES)})`,
    'combine several stages in one',
    placeOf(path, 'key'),
  );
}

const emptyCommand = (whose: string, place: Place): Problem =>
  error('app-file-empty-command', `empty command in ${whose}`, "add one, for example 'sort -n'", place);

const nulByte = (whose: string, place: Place): Problem =>
  error('app-file-nul', `the command of ${whose} contains a NUL byte`, 'remove the byte', place);

const wrongName = (name: string, place: Place): Problem =>
  error(
    'app-file-stage-name',
    `invalid stage name '${name}'`,
    /^\d+$/.test(name) ? NUMBER_REMEDY : NAME_REMEDY,
    place,
  );

const sharedName = (name: string, pipeline: string, numbers: readonly number[], place: Place): Problem =>
  error(
    'app-file-stage-name',
    `duplicate stage name '${name}' in stages ${numbers.join(' and ')} of pipeline '${pipeline}'`,
    'rename one of them',
    place,
  );
