/** The application as it is to be run: what the Procfile, the environment files and the command line say together. */
import type { RestartMode } from '../process/restart-policy.ts';

/** One running copy of a process, `web.1`, or one stage of a supervised pipeline, `ingest/1` or `ingest/parse`. */
export interface InstanceSpec {
  /** `web.1`: unique, what output lines and events are labelled with. */
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
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  /** Its own policy; undefined: that of the run. */
  readonly restart?: RestartMode | undefined;
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
  /** Its own policy; undefined: that of the command line. */
  readonly restart: RestartMode | undefined;
  /** How long it may go on reading what is left, after those before it have ended, when the pipeline is stopped. */
  readonly drainMs: number;
}

export interface AppSpec {
  /** Absolute directory in which the children run. */
  readonly root: string;
  /** The Procfile's path as the user would write it; null where there need not be one, and is none. */
  readonly procfile: string | null;
  /** The environment files that were read, as the user would write them. */
  readonly envFiles: readonly string[];
  /** Names of the variables that the environment files set, sorted. Never their values: those may be secret. */
  readonly envFileVariables: readonly string[];
  /** Names of all processes of the Procfile, in its order, and then of all pipelines. */
  readonly processes: readonly string[];
  /** Those of `processes` that are pipelines of procsup.yaml. */
  readonly pipelines: readonly string[];
  /** PORT of the first instance of the first process. */
  readonly portBase: number;
  /** What the environments of all instances have in common. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is to be started, in Procfile order, then by instance. */
  readonly instances: readonly InstanceSpec[];
  /** Those of processes that were not selected: they are started when somebody asks for them. */
  readonly others: readonly InstanceSpec[];
}

/** Selected or not, in Procfile order, then by instance. */
export function allInstances({ instances, others }: AppSpec): readonly InstanceSpec[] {
  return [...instances, ...others].sort((a, b) => a.index - b.index || a.instance - b.instance);
}

/** Those of the Procfile only. */
export function procfileProcesses({ processes, pipelines }: AppSpec): readonly string[] {
  return processes.filter((name) => !pipelines.includes(name));
}
