/** The application as it is to be run: what the Procfile, the environment files and the command line say together. */

/** One running copy of a process: `web.1`. */
export interface InstanceSpec {
  /** `web.1`: unique, what output lines and events are labelled with. */
  readonly name: string;
  /** `web`: the name in the Procfile. */
  readonly process: string;
  /** 1 for the first. */
  readonly instance: number;
  /** Place of the process in the Procfile, from 0: decides its PORT and its colour, whatever is selected. */
  readonly index: number;
  /** The user's own words after `name:`. */
  readonly command: string;
  /** What `/bin/sh -c` gets: the command, with the shell replaced by the program where that is safe. */
  readonly script: string;
  readonly port: number;
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
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
  /** Names of all processes of the Procfile, in its order. */
  readonly processes: readonly string[];
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
