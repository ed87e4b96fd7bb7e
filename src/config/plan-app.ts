import type { EnvFile, PipelinePlan, ProcfileEntry } from '../core/plan/sources.ts';
import type { AppFile } from './app-file.ts';
import type { AppSpec, InstanceSpec } from '../core/plan/app-spec.ts';
import {
  commonEnvironment,
  instanceEnvironment,
  portVariable,
  type RealEnv,
} from '../core/plan/environment.ts';
import { parseFormation, unknownProcess, type Formation, type KnownNames } from '../core/plan/formation.ts';
import { portBase, portOf } from '../core/plan/ports.ts';
import { hasErrors, type Checked, type Problem } from '../core/problem.ts';
import { readProcfile, type ProcfileReading } from './procfile.ts';
import { portProblems, processSeats, stageSeats, type Seat } from '../core/plan/instances.ts';

export interface ProcfileText {
  readonly file: string;
  readonly text: string;
}

/** Processes that stand in no file. */
export interface InlineProcesses {
  readonly entries: readonly ProcfileEntry[];
}

export interface PlanInput {
  /** Absolute directory in which the children run. */
  readonly root: string;
  /** Undefined if it could not be read: then only what does not depend on it is judged, and there is no plan. */
  readonly procfile: ProcfileText | InlineProcesses | 'none' | undefined;
  /** Undefined if there is none. */
  readonly appFile?: AppFile | undefined;
  /** In the order in which they were named; the later wins. */
  readonly envFiles: readonly EnvFile[];
  /** What is to be started; empty means everything. */
  readonly names?: readonly string[] | undefined;
  /** `web=2,all=1`. */
  readonly formation?: string | undefined;
  /** The argument of `-p`. */
  readonly port?: string | undefined;
  /** Where port and formation come from, if not from the options of these names. */
  readonly labels?: { readonly port?: string; readonly formation?: string } | undefined;
  readonly realEnv: RealEnv;
  readonly forceColor?: boolean | undefined;
  /** A formation that starts nobody will do: something runs already, and may be scaled to nothing. */
  readonly mayBeEmpty?: boolean | undefined;
}

/** Puts everything the user said together, and finds all problems of all of it at once. */
export function planApp(input: PlanInput): Checked<AppSpec> {
  const { procfile, appFile, labels } = input;
  const { entries, problems: procfileProblems } = entriesOf(procfile);
  const pipelines = appFile?.pipelines ?? [];
  const known = { processes: namesOf(entries), pipelines: procfile === undefined ? [] : namesOf(pipelines) };
  const formation = parseFormation(input.formation, known.processes, labels?.formation, known.pipelines);
  const base = portBase({
    option: input.port,
    optionLabel: labels?.port,
    envFiles: input.envFiles,
    realEnv: input.realEnv,
  });
  const isChosen = choice(input.names);
  const stages = stageSeats(pipelines, entries.length, base.value);
  const all = [...processSeats(entries, formation.value, base.value), ...stages];
  const seats = all.filter(isChosen);
  const others = all.filter((seat) => !isChosen(seat));
  const chosen = entries.filter(({ name }) => isChosen({ process: name }));
  const problems = [
    ...procfileProblems,
    ...sharedVariables(entries),
    ...(appFile?.problems ?? []),
    ...sharedNames(pipelines, entries, procfile),
    ...input.envFiles.flatMap((envFile) => envFile.problems),
    ...(isReadable(appFile) ? unknownNames(input.names ?? [], known) : []),
    ...formation.problems,
    ...base.problems,
    ...(input.mayBeEmpty === true || !isReadable(appFile)
      ? []
      : nothingToStart(chosen, formation.value, seats)),
    ...portProblems(seats),
  ];
  if (hasErrors(problems) || !procfile || base.value === undefined) return { value: undefined, problems };
  const file = typeof procfile === 'object' && 'file' in procfile ? procfile.file : null;
  return { value: appSpec(input, { file, entries, pipelines, seats, others, base: base.value }), problems };
}

function entriesOf(procfile: PlanInput['procfile']): ProcfileReading {
  if (procfile === undefined || procfile === 'none') return { entries: [], problems: [] };
  if ('entries' in procfile) return { entries: procfile.entries, problems: [] };
  return readProcfile(procfile.text, procfile.file);
}

const namesOf = (named: readonly { readonly name: string }[]): readonly string[] =>
  named.map(({ name }) => name);

const isReadable = (appFile: AppFile | undefined): boolean =>
  appFile === undefined || appFile.pipelines !== undefined;

/** No name at all means everything. */
const choice =
  (names: readonly string[] = []) =>
  ({ process }: Pick<Seat, 'process'>): boolean =>
    names.length === 0 || names.includes(process);

interface Seating {
  readonly file: string | null;
  readonly entries: readonly ProcfileEntry[];
  readonly pipelines: readonly PipelinePlan[];
  readonly seats: readonly Seat[];
  readonly others: readonly Seat[];
  readonly base: number;
}

function appSpec(input: PlanInput, seating: Seating): AppSpec {
  const { file: procfile, entries, pipelines, seats, others, base } = seating;
  const fileValues = input.envFiles.map(({ values }) => values);
  const common = commonEnvironment({
    realEnv: input.realEnv,
    fileValues,
    ports: entries.map(({ name, index }) => ({ process: name, port: portOf(base, index, 1) })),
    forceColor: input.forceColor ?? false,
  });
  return {
    root: input.root,
    procfile,
    envFiles: input.envFiles.map(({ file }) => file),
    envFileVariables: [...new Set(fileValues.flatMap((values) => Object.keys(values)))].sort(),
    processes: [...namesOf(entries), ...namesOf(pipelines)],
    pipelines: namesOf(pipelines),
    portBase: base,
    environment: common,
    instances: seats.map((seat) => instanceSpec(seat, common)),
    others: others.map((seat) => instanceSpec(seat, common)),
  };
}

/** The user's variables, and those that are its own. */
const instanceSpec = ({ ownEnv, ...seat }: Seat, common: Readonly<Record<string, string>>): InstanceSpec => ({
  ...seat,
  env: instanceEnvironment(common, seat, ownEnv),
});

function unknownNames(names: readonly string[], known: KnownNames): Problem[] {
  const there = [...known.processes, ...known.pipelines];
  if (there.length === 0) return [];
  return [...new Set(names)]
    .filter((name) => !there.includes(name))
    .map((name) => ({ ...unknownProcess('unknown-process', name, known), severity: 'error' }));
}

/** Of the processes that were chosen each has a count of 0, and no pipeline was chosen. */
function nothingToStart(
  chosen: readonly ProcfileEntry[],
  formation: Formation | undefined,
  seats: readonly Seat[],
): Problem[] {
  if (chosen.length === 0 || !formation || seats.length > 0) return [];
  if (chosen.some(({ name }) => formation.get(name) !== 0)) return [];
  return [
    {
      code: 'formation-empty',
      severity: 'error',
      message: `the formation starts no instance of ${chosen.map(({ name }) => `'${name}'`).join(', ')}`,
      remedy: 'give one of them a count of 1 or more',
    },
  ];
}

function sharedNames(
  pipelines: readonly PipelinePlan[],
  entries: readonly ProcfileEntry[],
  procfile: PlanInput['procfile'],
): Problem[] {
  const lines = new Map(entries.map(({ name, line }) => [name, line]));
  const file = typeof procfile === 'object' && 'file' in procfile ? procfile.file : '';
  return pipelines.flatMap(({ name, place }): Problem[] => {
    const line = lines.get(name);
    if (line === undefined) return [];
    return [
      {
        code: 'app-file-name-taken',
        severity: 'error',
        message: `a pipeline and the process of ${file}:${String(line)} are both named '${name}'`,
        place,
        remedy: 'rename one of them',
      },
    ];
  });
}

function sharedVariables(entries: readonly ProcfileEntry[]): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { name } of entries) {
    const variable = portVariable(name);
    const owner = owners.get(variable);
    if (owner === undefined) owners.set(variable, name);
    else problems.push(sharedVariable(variable, owner, name));
  }
  return problems;
}

function sharedVariable(variable: string, owner: string, name: string): Problem {
  return {
    code: 'port-variable-shared',
    severity: 'warning',
    message: `'${owner}' and '${name}' share the variable ${variable}, which holds the port of '${owner}'`,
    remedy: 'rename one of them if that variable is used',
  };
}
