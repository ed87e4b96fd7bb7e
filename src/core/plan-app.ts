import type { AppSpec, InstanceSpec } from './app-spec.ts';
import type { EnvFile } from './env-file.ts';
import { commonEnvironment, instanceEnvironment, portVariable, type RealEnv } from './environment.ts';
import { parseFormation, unknownProcess, type Formation } from './formation.ts';
import { portBase, portOf } from './port.ts';
import { hasErrors, type Checked, type Problem } from './problem.ts';
import { readProcfile, type ProcfileEntry } from './procfile.ts';
import { portProblems, processSeats, type Seat } from './seats.ts';

export interface ProcfileText {
  readonly file: string;
  readonly text: string;
}

export interface PlanInput {
  /** Absolute directory in which the children run. */
  readonly root: string;
  /** Undefined if it could not be read: then only what does not depend on it is judged, and there is no plan. */
  readonly procfile: ProcfileText | 'none' | undefined;
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
  const { procfile, labels } = input;
  const { entries, problems: procfileProblems } =
    procfile === undefined || procfile === 'none' ? NO_ENTRIES : readProcfile(procfile.text, procfile.file);
  const processes = entries.map(({ name }) => name);
  const formation = parseFormation(input.formation, processes, labels?.formation);
  const base = portBase({
    option: input.port,
    optionLabel: labels?.port,
    envFiles: input.envFiles,
    realEnv: input.realEnv,
  });
  const chosen = selected(entries, input.names);
  const seats = processSeats(chosen, formation.value, base.value);
  const otherEntries = entries.filter((entry) => !chosen.includes(entry));
  const others = processSeats(otherEntries, formation.value, base.value);
  const problems = [
    ...procfileProblems,
    ...sharedVariables(entries),
    ...input.envFiles.flatMap((envFile) => envFile.problems),
    ...unknownNames(input.names ?? [], processes),
    ...formation.problems,
    ...base.problems,
    ...(input.mayBeEmpty === true ? [] : nothingToStart(entries, formation.value, seats, input.names)),
    ...portProblems(seats),
  ];
  if (hasErrors(problems) || !procfile || base.value === undefined) return { value: undefined, problems };
  const file = procfile === 'none' ? null : procfile.file;
  return { value: appSpec(input, { file, entries, seats, others, base: base.value }), problems };
}

const NO_ENTRIES = { entries: [], problems: [] };

interface Seating {
  readonly file: string | null;
  readonly entries: readonly ProcfileEntry[];
  readonly seats: readonly Seat[];
  readonly others: readonly Seat[];
  readonly base: number;
}

function appSpec(input: PlanInput, { file: procfile, entries, seats, others, base }: Seating): AppSpec {
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
    processes: entries.map(({ name }) => name),
    pipelines: [],
    portBase: base,
    environment: common,
    instances: seats.map((seat) => instanceSpec(seat, common)),
    others: others.map((seat) => instanceSpec(seat, common)),
  };
}

/** The user's variables, and those that are its own. */
const instanceSpec = (seat: Seat, common: Readonly<Record<string, string>>): InstanceSpec => ({
  ...seat,
  env: instanceEnvironment(common, seat),
});

function selected(
  entries: readonly ProcfileEntry[],
  names: readonly string[] = [],
): readonly ProcfileEntry[] {
  return names.length === 0 ? entries : entries.filter(({ name }) => names.includes(name));
}

function unknownNames(names: readonly string[], processes: readonly string[]): Problem[] {
  if (processes.length === 0) return [];
  return [...new Set(names)]
    .filter((name) => !processes.includes(name))
    .map((name) => ({ ...unknownProcess('unknown-process', name, processes), severity: 'error' }));
}

function nothingToStart(
  entries: readonly ProcfileEntry[],
  formation: Formation | undefined,
  seats: readonly Seat[],
  names: readonly string[] | undefined,
): Problem[] {
  const chosen = selected(entries, names);
  if (chosen.length === 0 || !formation || chosen.some(({ name }) => formation.get(name) !== 0)) return [];
  if (seats.length > 0) return [];
  return [
    {
      code: 'formation-empty',
      severity: 'error',
      message: `the formation starts no instance of ${chosen.map(({ name }) => `'${name}'`).join(', ')}`,
      remedy: 'give one of them a count of 1 or more',
    },
  ];
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
