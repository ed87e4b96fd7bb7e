/** What procsup.yaml says, read: the pipelines that are supervised. */
import type { Place, Problem } from './problem.ts';
import type { RestartMode } from './restart-policy.ts';

export interface AppFile {
  /** The path as the user would write it. */
  readonly file: string;
  /** Each that has a name, whatever is wrong with it; undefined if the file could not be read. */
  readonly pipelines: readonly PipelinePlan[] | undefined;
  readonly problems: readonly Problem[];
}

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
