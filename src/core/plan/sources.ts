/** What a plan is made of: the files of a project as they were read. */
import type { Place, Problem } from '../problem.ts';
import type { RestartMode } from '../process/restart-policy.ts';

/** A line of the Procfile, or a process that a program has given us. */
export interface ProcfileEntry {
  readonly name: string;
  /** The user's own words after `name:`, without white space around them. */
  readonly command: string;
  /** Counts from 1. */
  readonly line: number;
  /** Place among the processes, from 0. */
  readonly index: number;
  /** Over the environment of all; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Its own policy; undefined: that of the run. */
  readonly restart?: RestartMode | undefined;
}

/** One environment file, read. */
export interface EnvFile {
  /** The path as the user would write it. */
  readonly file: string;
  readonly text: string;
  /** What it sets. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** A pipeline of procsup.yaml. */
export interface PipelinePlan {
  readonly name: string;
  /** Where its name stands. */
  readonly place: Place;
  readonly stages: readonly StagePlan[];
  /** How long each stage may go on reading when the pipeline is stopped. */
  readonly drainMs: number;
}

export interface StagePlan {
  /** `parse` of `ingest/parse`: the name it was given, else its number, from 1. */
  readonly name: string;
  /** The user's own words. */
  readonly command: string;
  /** What `/bin/sh -c` gets. */
  readonly script: string;
  readonly joinsStderr: boolean;
  /** Its own policy, else that of its pipeline; undefined: that of the command line. */
  readonly restart: RestartMode | undefined;
}
