/** The application as it is to be run: what the files, the environment and the command line say together. */
import type { InstanceEnvironment } from './environment.ts';
import type { QueueSpec } from './queues.ts';
import type { CapSpec, ProcessPlan } from './process-plan.ts';

/** One running copy of a process, `web.1`, or one stage of a supervised pipeline, `ingest/1` or `ingest/parse`. */
export interface InstanceSpec {
  /** `web.1`: unique; the label of output lines and events. */
  readonly name: string;
  /** `web`: the name in the Procfile, or that of the pipeline. */
  readonly process: string;
  /** 1 for the first; of a pipeline the number of the stage. */
  readonly instance: number;
  /**
   * Place of the process in the Procfile, from 0: decides its PORT and its colour, whatever is selected. Pipelines are
   * counted on from there.
   */
  readonly index: number;
  /** The user's own words after `name:`. */
  readonly command: string;
  /** What `/bin/sh -c` gets: the command, with the shell replaced by the program where that is safe. */
  readonly script: string;
  readonly port: number;
  readonly env: InstanceEnvironment;
  /** What it is an instance of. */
  readonly plan: ProcessPlan;
  /** Only if it is a stage of a pipeline. */
  readonly stage?: StageSpec;
}

/** How an instance stands in its pipeline. */
export interface StageSpec {
  /** The instance whose stdout it reads; null for the first, whose stdin is that of any process. */
  readonly upstream: string | null;
  /** The instance that reads its stdout; null for the last, whose stdout is that of any process. */
  readonly downstream: string | null;
  /** `|&`: its stderr goes where its stdout goes. */
  readonly joinsStderr: boolean;
}

export interface AppSpec {
  /** Absolute directory in which the children run. */
  readonly root: string;
  /** The path of the Procfile as written by the user; null if there is none. */
  readonly procfile: string | null;
  /** The environment files that were read, as written by the user. */
  readonly envFiles: readonly string[];
  /** Names of the variables that the environment files set, sorted. Never their values: those may be secret. */
  readonly envFileVariables: readonly string[];
  /** Names of all processes of the Procfile, in its order, then of all pools and all pipelines. */
  readonly processes: readonly string[];
  /** Those of `processes` that are pipelines of procsup.yaml. */
  readonly pipelines: readonly string[];
  /** Those that are pools. */
  readonly pools: readonly string[];
  /** PORT of the first instance of the first process. */
  readonly portBase: number;
  /** The common part of the environments of all instances. */
  readonly environment: Readonly<Record<string, string>>;
  /** Those of them that are neither the user's nor about ports. */
  readonly comforting: Readonly<Record<string, string>>;
  /** Named amounts that its instances use together. */
  readonly caps?: readonly CapSpec[];
  /** The queues that procsup.yaml has rules for. */
  readonly queues?: readonly QueueSpec[];
  /** The instances to start, in Procfile order, then by instance. */
  readonly instances: readonly InstanceSpec[];
  /** Instances of processes that were not selected: they are started on request. */
  readonly others: readonly InstanceSpec[];
}

/** Selected or not, in Procfile order, then by instance. */
export function allInstances({ instances, others }: AppSpec): readonly InstanceSpec[] {
  return [...instances, ...others].sort((a, b) => a.index - b.index || a.instance - b.instance);
}

/** Those of the Procfile only. */
export function procfileProcesses({ processes, pipelines }: AppSpec): readonly string[] {
  const those = new Set(pipelines);
  return processes.filter((name) => !those.has(name));
}
