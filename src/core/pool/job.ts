/** One job of a pool, and what it came to. */

export interface Job {
  /** From 1, in the order of the input. */
  readonly seq: number;
  readonly values: readonly string[];
  /** The command line for sh. `slot` counts from 1, and is a text because it stands for `{%}`. */
  commandFor(slot: string): string;
}

export type JobExit = { readonly code: number } | { readonly signal: string };

export interface JobResult {
  readonly seq: number;
  /** From 1. */
  readonly slot: number;
  readonly startedAtMs: number;
  readonly runtimeMs: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly exit: JobExit;
  /** 1, when it was not tried again. */
  readonly attempts: number;
  readonly timedOut: boolean;
  readonly command: string;
}

/** Grouped: each job's output as a block; line-buffered: whole lines as they come; ungrouped: the job has our own stdout. */
export type OutputMode = 'grouped' | 'line-buffered' | 'ungrouped';

export interface PoolOutput {
  readonly mode: OutputMode;
  /** What stands before each line of a job, with its separator; null: nothing. */
  label(job: Job, slot: number): string | null;
}
