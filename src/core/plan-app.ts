import type { AppSpec, InstanceSpec } from './app-spec.ts';
import type { EnvFile } from './env-file.ts';
import { commonEnvironment, instanceEnvironment, portVariable, type RealEnv } from './environment.ts';
import { parseFormation, unknownProcess, type Formation } from './formation.ts';
import { HIGHEST_PORT, portBase, portOf } from './port.ts';
import { hasErrors, type Checked, type Problem } from './problem.ts';
import { readProcfile, type ProcfileEntry } from './procfile.ts';
import { scriptFor } from './shell-command.ts';

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

/** An instance before it has its environment. */
interface Seat {
  readonly entry: ProcfileEntry;
  readonly instance: number;
  readonly port: number;
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
  const seats = seatsOf(chosen, formation.value, base.value);
  const otherEntries = entries.filter((entry) => !chosen.includes(entry));
  const others = seatsOf(otherEntries, formation.value, base.value);
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

function instanceSpec(
  { entry, instance, port }: Seat,
  common: Readonly<Record<string, string>>,
): InstanceSpec {
  const one = { name: seatName(entry, instance), process: entry.name, instance, port };
  return {
    ...one,
    index: entry.index,
    command: entry.command,
    script: scriptFor(entry.command),
    env: instanceEnvironment(common, one),
  };
}

function selected(
  entries: readonly ProcfileEntry[],
  names: readonly string[] = [],
): readonly ProcfileEntry[] {
  return names.length === 0 ? entries : entries.filter(({ name }) => names.includes(name));
}

/** None as long as the formation or the base is wrong. */
function seatsOf(
  entries: readonly ProcfileEntry[],
  formation: Formation | undefined,
  base: number | undefined,
): Seat[] {
  if (!formation || base === undefined) return [];
  return entries.flatMap((entry) =>
    Array.from({ length: formation.get(entry.name) ?? 0 }, (_, before) => ({
      entry,
      instance: before + 1,
      port: portOf(base, entry.index, before + 1),
    })),
  );
}

const seatName = (entry: ProcfileEntry, instance: number): string => `${entry.name}.${instance}`;

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

function portProblems(seats: readonly Seat[]): Problem[] {
  const owners = new Map<number, Seat>();
  for (const seat of seats) {
    if (seat.port > HIGHEST_PORT) return [tooHigh(seat)];
    const owner = owners.get(seat.port);
    if (owner) return [sharedPort(owner, seat)];
    owners.set(seat.port, seat);
  }
  return [];
}

function tooHigh({ entry, instance, port }: Seat): Problem {
  return {
    code: 'port-too-high',
    severity: 'error',
    message: `'${seatName(entry, instance)}' would get PORT ${port}, and ${HIGHEST_PORT} is the highest there is`,
    remedy: 'count from a lower port with -p, or start fewer instances',
  };
}

function sharedPort(owner: Seat, seat: Seat): Problem {
  const [first, second] = [seatName(owner.entry, owner.instance), seatName(seat.entry, seat.instance)];
  return {
    code: 'port-shared',
    severity: 'warning',
    message: `'${first}' and '${second}' get the same PORT ${seat.port}`,
    remedy: 'start at most 100 instances of a process whose PORT is used',
  };
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
