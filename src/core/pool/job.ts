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

/** What a job has written. */
export interface JobOutput {
  /** In blocks, each of which is valid until the next one is asked for. */
  read(stream: 'stdout' | 'stderr'): Iterable<Uint8Array>;
}

/** Of a job that was stopped by the pool, or never started. */
export type NotDone = 'stopped' | 'not-run';

/** Grouped: each job's output as a block; line-buffered: whole lines as they come; ungrouped: the job has our own stdout. */
export type OutputMode = 'grouped' | 'line-buffered' | 'ungrouped';

export interface PoolOutput {
  readonly mode: OutputMode;
  /** What stands before each line of a job, with its separator; null: nothing. */
  label(job: Job, slot: number): string | null;
  /** Keeps the output of a job that has ended elsewhere, before its result is told. Throws the system's error. Grouped only. */
  save?(job: Job, result: JobResult, output: JobOutput): void;
  /** What is printed in place of the output of a job. Grouped only. */
  instead?: InsteadOfOutput;
}

export interface InsteadOfOutput {
  ended(job: Job, result: JobResult, output: JobOutput): Iterable<Uint8Array>;
  /** It has no result. */
  notDone(job: Job, why: NotDone): Iterable<Uint8Array>;
}
