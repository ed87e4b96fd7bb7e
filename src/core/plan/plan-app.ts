import { hasErrors, type Checked, type Problem } from '../problem.ts';
import type { AppSpec } from './app-spec.ts';
import {
  comfortingVariables,
  commonEnvironment,
  ownEnvironment,
  withdrawn,
  type Comforts,
  type RealEnv,
} from './environment.ts';
import { unknownPortProblems } from '../check/without-sockets.ts';
import { capProblems } from './caps.ts';
import { ALL_KEPT_BACK, chosenOf, unknownProfiles, withoutLeftOut, withSchedulesInForce } from './choice.ts';
import { parseFormation } from './formation.ts';
import {
  firstPortOf,
  ownPortProblems,
  planInstances,
  portProblems,
  type PlannedInstance,
} from './instances.ts';
import { needProblems, withTasksAwaited } from './needs.ts';
import { nothingToStart, sharedNames, sharedVariables, unknownNames } from './plan-problems.ts';
import { poolNameProblems, poolPlans } from './pools.ts';
import { portBase, portOf } from './ports.ts';
import { groupsOf, isOnDemand, isService, type PlanGroup } from './process-plan.ts';
import { withWatch } from './watching.ts';
import { settlePlans, terminalVariables, ttySettings } from './process-settings.ts';
import type { EnvFile, PlanReading } from './sources.ts';

export interface PlanInput {
  /** Absolute directory in which the children run. */
  readonly root: string;
  /** Undefined if it could not be read: then only what does not depend on it is judged, and there is no plan. */
  readonly procfile: PlanReading | 'none' | undefined;
  /** procsup.yaml; undefined if there is none. */
  readonly appFile?: PlanReading | undefined;
  /** In the order in which they were named; the later wins. */
  readonly envFiles: readonly EnvFile[];
  /** What is to be started, perhaps by patterns; empty means everything. */
  readonly names?: readonly string[] | undefined;
  /** What of it is not. */
  readonly exclude?: readonly string[] | undefined;
  /** `--profile`, perhaps patterns. */
  readonly profiles?: readonly string[] | undefined;
  /** Without what the named ones need. */
  readonly noDeps?: boolean | undefined;
  /** `web=2,all=1`. */
  readonly formation?: string | undefined;
  /** The argument of `-p`. */
  readonly port?: string | undefined;
  /** From the PORT of one process to that of the next, if not 100. */
  readonly portStep?: number | undefined;
  /** Where port and formation come from, if not from the options of these names. */
  readonly labels?: { readonly port?: string; readonly formation?: string } | undefined;
  readonly realEnv: RealEnv;
  /** The arguments of `--tty`. */
  readonly tty?: readonly string[] | undefined;
  /** `--watch`: the whole project, where nothing else is said; `false`: nothing, whatever is said. */
  readonly watch?: boolean | undefined;
  readonly comforts?: Comforts | undefined;
  /** A formation that starts no process is accepted: something runs already, and may be scaled to nothing. */
  readonly mayBeEmpty?: boolean | undefined;
  /** `false`: this system does not tell on which ports a process listens. */
  readonly seesSockets?: boolean | undefined;
}

/** Puts everything the user said together, and finds all problems of all of it at once. */
export function planApp(input: PlanInput): Checked<AppSpec> {
  const { procfile, appFile, labels, names = [], exclude = [] } = input;
  const procfilePlans = typeof procfile === 'object' ? (procfile.processes ?? []) : [];
  const pools = appFile?.pools ?? [];
  const { plans: processes, problems: settingsProblems } = settlePlans(
    [...procfilePlans, ...(appFile?.processes ?? [])],
    [...(appFile?.settings ?? []), ...ttySettings(input.tty ?? [])],
    appFile?.defaults,
    new Map(pools.map(({ name, place }) => [name, place])),
  );
  // They stand last: no process or pipeline gets another PORT because of a pool.
  const adapted = appFile?.adapt?.(processes, input.root);
  const settled = withWatch(
    [...(adapted?.plans ?? processes), ...poolPlans(pools, appFile?.defaults)],
    input.watch,
  );
  const services = settled.filter(isService);
  const known = {
    processes: services.map(({ name }) => name),
    pipelines: procfile === undefined ? [] : (appFile?.pipelines ?? []).map(({ name }) => name),
  };
  const wanted = { names, exclude, profiles: input.profiles ?? [], noDeps: input.noDeps === true };
  const everything = groupsOf(settled).map(({ name }) => name);
  const chosenNames = chosenOf(everything, settled, wanted);
  const plans = withSchedulesInForce(
    withoutLeftOut(withTasksAwaited(settled), chosenNames, wanted),
    chosenNames,
    wanted,
  );
  const groups = groupsOf(plans);
  const formation = parseFormation(input.formation, services, labels?.formation, known.pipelines);
  const base = portBase({
    option: input.port,
    optionLabel: labels?.port,
    appFile: appFile?.port,
    envFiles: input.envFiles,
    realEnv: input.realEnv,
  });
  const all =
    base.value === undefined ? [] : planInstances(groups, formation.value, base.value, input.portStep);
  const isChosen = (process: string): boolean => chosenNames.has(process);
  const chosen = all.filter(({ process }) => isChosen(process));
  const namesAreKnown = appFile === undefined || appFile.processes !== undefined;
  const problems = [
    ...(typeof procfile === 'object' ? procfile.problems : []),
    ...sharedVariables(services.filter(({ pool }) => pool === undefined)),
    ...(appFile?.problems ?? []),
    ...(adapted?.problems ?? []),
    ...(procfile === undefined ? [] : settingsProblems),
    ...(procfile === undefined || !namesAreKnown
      ? []
      : needProblems(
          settled,
          [...known.processes, ...known.pipelines],
          appFile?.tasks?.map(({ name }) => name),
        )),
    ...capProblems(settled, appFile?.caps ?? []),
    ...unknownProfiles(settled, wanted.profiles),
    ...sharedNames(processes, appFile?.pipelines ?? []),
    ...poolNameProblems(pools, processes),
    ...input.envFiles.flatMap((envFile) => envFile.problems),
    ...(namesAreKnown ? unknownNames([...names, ...exclude], known) : []),
    ...formation.problems,
    ...base.problems,
    ...(namesAreKnown && input.mayBeEmpty !== true
      ? nothingToStart(known.processes.filter(isChosen), formation.value, chosen)
      : []),
    ...ownPortProblems(services),
    ...(input.seesSockets === false ? unknownPortProblems(services) : []),
    ...portProblems(chosen, base.value ?? 0),
    ...(exclude.length > 0 && groups.length > 0 && !groups.some(({ name }) => isChosen(name))
      ? [NOTHING_LEFT]
      : []),
    ...(exclude.length === 0 && names.length === 0 && isAllKeptBack(groups, isChosen, input)
      ? [ALL_KEPT_BACK]
      : []),
  ];
  if (hasErrors(problems) || !procfile || base.value === undefined) return { value: undefined, problems };
  const others = all.filter(({ process }) => !isChosen(process));
  const file = procfile === 'none' ? null : procfile.file;
  return { value: appSpec(input, { file, groups, known, chosen, others, base: base.value }), problems };
}

const NOTHING_LEFT: Problem = {
  code: 'all-excluded',
  severity: 'error',
  message: 'nothing to start: -x leaves out every process',
  remedy: 'leave out fewer',
};

const isAllKeptBack = (
  groups: readonly PlanGroup[],
  isChosen: (name: string) => boolean,
  { mayBeEmpty }: PlanInput,
): boolean =>
  mayBeEmpty !== true &&
  groups.length > 0 &&
  !groups.some(
    (group) =>
      isChosen(group.name) ||
      (group.kind === 'process' && (group.plan.schedule !== undefined || isOnDemand(group.plan))),
  );

interface Planned {
  readonly file: string | null;
  readonly groups: readonly PlanGroup[];
  readonly known: { readonly processes: readonly string[]; readonly pipelines: readonly string[] };
  readonly chosen: readonly PlannedInstance[];
  readonly others: readonly PlannedInstance[];
  readonly base: number;
}

function appSpec(input: PlanInput, { file, groups, known, chosen, others, base }: Planned): AppSpec {
  const fileValues = input.envFiles.map(({ values }) => values);
  const sources = { realEnv: input.realEnv, fileValues, comforts: input.comforts };
  const comforting = comfortingVariables(sources);
  const common = commonEnvironment({
    ...sources,
    ports: groups
      .filter((group) => group.kind === 'process')
      .filter(({ plan }) => plan.pool === undefined)
      .map(({ name, index, plan }) => ({
        process: name,
        port: firstPortOf(plan, portOf(base, index, 1, input.portStep)),
      })),
  });
  const withEnvironment = (instance: PlannedInstance) => {
    const planned = { ...instance.plan.fileVariables, ...instance.plan.environment };
    const ofTerminal =
      instance.plan.tty === true ? terminalVariables((name) => fileValues.some((file) => name in file)) : {};
    const own = ownEnvironment(instance, { ...withdrawn(planned, comforting), ...ofTerminal, ...planned });
    return { ...instance, env: { common, own } };
  };
  return {
    root: input.root,
    procfile: file,
    envFiles: input.envFiles.map((envFile) => envFile.file),
    envFileVariables: [...new Set(fileValues.flatMap((values) => Object.keys(values)))].sort(),
    processes: [...known.processes, ...known.pipelines],
    pipelines: known.pipelines,
    pools: (input.appFile?.pools ?? []).map(({ name }) => name),
    portBase: base,
    environment: common,
    comforting,
    ...(input.appFile?.caps && { caps: input.appFile.caps }),
    ...(input.appFile?.queues && { queues: input.appFile.queues }),
    instances: chosen.map(withEnvironment),
    others: others.map(withEnvironment),
  };
}
