/** What procsup.yaml and the command line say about processes, put over what the Procfile says. */
import { suggest } from '../../text/suggest.ts';
import type { LimitsPlan } from '../limits/limits.ts';
import type { Place, Problem } from '../problem.ts';
import { isService, servicePlan, type ProcessPlan, type ServicePlan } from './process-plan.ts';

/** What `defaults` says, or one entry below `processes` of procsup.yaml, or `--tty`. */
export interface DefaultSettings extends Partial<Omit<ServicePlan, 'name' | 'place'>> {
  /** Read by `config/process-files.ts`, which puts their variables into `fileVariables`. */
  readonly envFiles?: readonly EnvFileName[];
}

export interface ProcessSettings extends DefaultSettings {
  readonly name: string;
  readonly place: Place;
}

/** As written by the user, relative to the root. */
export interface EnvFileName {
  readonly file: string;
  readonly required: boolean;
  readonly place: Place;
}

export interface Settled {
  /** Those of the Procfile, then those of procsup.yaml, then the stages of pipelines. */
  readonly plans: readonly ProcessPlan[];
  readonly problems: readonly Problem[];
}

/**
 * Later settings win. Problems: `settings-unknown-process`, `settings-pipeline`, `settings-pool`,
 * `settings-two-commands`, `settings-no-command`. `pools`: their names and places.
 */
export function settlePlans(
  plans: readonly ProcessPlan[],
  settings: readonly ProcessSettings[],
  defaults?: DefaultSettings,
  pools: ReadonlyMap<string, Place> = new Map(),
): Settled {
  if (settings.length === 0 && defaults === undefined) return { plans, problems: [] };
  const written = new Map(plans.filter(isService).map((plan) => [plan.name, plan]));
  const stages = plans.filter((plan) => !isService(plan));
  const added = settings.filter(({ name, command }) => command !== undefined && !written.has(name));
  const all = [
    ...written.values(),
    ...added.map(({ name, command = '', place }) => servicePlan(name, command, place)),
  ];
  const known = new Set(all.map(({ name }) => name));
  const pipelines = new Set(stages.map(({ pipeline }) => pipeline));
  const problems = settings.flatMap((one) => {
    if (known.has(one.name)) return twoCommands(one, written.get(one.name));
    const pool = pools.get(one.name);
    if (pool !== undefined) return [ofPool(one, pool)];
    return [pipelines.has(one.name) ? ofPipeline(one) : unknown(one, [...known])];
  });
  const own = new Map<string, ProcessSettings[]>();
  for (const one of settings) own.set(one.name, [...(own.get(one.name) ?? []), one]);
  const settled = all.map((plan) =>
    [...(defaults === undefined ? [] : [defaults]), ...(own.get(plan.name) ?? [])].reduce(withSettings, plan),
  );
  return { plans: [...settled, ...stages], problems };
}

/** A process keeps its place in the file that it comes from. Keys that are one field of a plan are merged. */
export function withSettings(plan: ServicePlan, given: DefaultSettings): ServicePlan {
  const { environment, stop, hooks, limits, saidAt } = given;
  const settings = { ...given };
  delete settings.envFiles;
  return {
    ...plan,
    ...settings,
    ...(environment && { environment: { ...plan.environment, ...environment } }),
    ...(stop && { stop: { ...plan.stop, ...stop } }),
    ...(hooks && { hooks: { ...plan.hooks, ...hooks } }),
    ...(limits && { limits: joinedLimits(plan.limits, limits) }),
    ...(saidAt && { saidAt: { ...plan.saidAt, ...saidAt } }),
    name: plan.name,
    place: plan.place,
  };
}

/** Of each kind the later one. */
function joinedLimits(one: LimitsPlan | undefined, later: LimitsPlan): LimitsPlan {
  if (one === undefined) return later;
  const kinds = new Set(later.watched.map(({ kind }) => kind));
  const enforce = later.enforce ?? one.enforce;
  return {
    ...(enforce !== undefined && { enforce }),
    watched: [...one.watched.filter(({ kind }) => !kinds.has(kind)), ...later.watched],
    kernel: { ...one.kernel, ...later.kernel },
  };
}

function twoCommands(
  { name, command, place, saidAt }: ProcessSettings,
  written: ServicePlan | undefined,
): readonly Problem[] {
  if (command === undefined || written === undefined) return [];
  return [
    {
      code: 'settings-two-commands',
      severity: 'error',
      message: `'${name}' has a second command: the first one is in ${shortPlace(written.place)}`,
      place: saidAt?.['command'] ?? place,
      remedy: 'remove one of them',
    },
  ];
}

/** `Procfile:3` */
export const shortPlace = ({ file, line }: Place): string => `${file}:${String(line)}`;

function unknown({ name, place }: ProcessSettings, known: readonly string[]): Problem {
  const meant = suggest(name, known);
  const remedy = 'name a process of the Procfile, or of procsup.yaml with a command';
  return {
    code: 'settings-unknown-process',
    severity: 'error',
    message: `unknown process '${name}'`,
    place,
    remedy:
      known.length === 0
        ? 'add a command, or a Procfile'
        : meant === undefined
          ? remedy
          : `did you mean '${meant}'? ${remedy}`,
  };
}

function ofPipeline({ name, place }: ProcessSettings): Problem {
  return {
    code: 'settings-pipeline',
    severity: 'error',
    message: `'${name}' is a pipeline: its stages read and write pipes, and cannot have a terminal`,
    place,
    remedy: 'make it a process of the Procfile',
  };
}

/** Below `processes`, or of `--tty`. */
function ofPool({ name, place, tty }: ProcessSettings, pool: Place): Problem {
  const isOption = place.file === TTY_OPTION && tty === true;
  return {
    code: 'settings-pool',
    severity: 'error',
    message: isOption
      ? `'${name}' is a pool: its workers read tasks from stdin, and cannot have a terminal`
      : `duplicate name '${name}': it is also a pool (${shortPlace(pool)})`,
    place,
    remedy: isOption ? `omit it from '--tty'` : 'rename the pool or the process',
  };
}

const TTY_OPTION = '--tty';

/** `--tty web,worker` */
export function ttySettings(names: readonly string[]): readonly ProcessSettings[] {
  const text = names.join(',');
  let column = 1;
  return names.map((name) => {
    const place = { file: TTY_OPTION, line: 1, column, length: Math.max(1, name.length), text };
    column += name.length + 1;
    return { name, place, tty: true };
  });
}

/** Programs ask their environment what they may do. `isSet`: by the user, for this application. */
export function terminalVariables(isSet: (name: string) => boolean): Record<string, string | undefined> {
  const variables = {
    // git and less wait for a key where it is dumb or unset.
    TERM: 'xterm-256color',
    // A pager would wait for a key that nobody presses.
    PAGER: 'cat',
    COLUMNS: undefined,
    LINES: undefined,
  };
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !isSet(name)));
}
