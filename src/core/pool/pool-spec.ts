/** What a pool is told before its first job: the words of GNU parallel, where it has one. */

/** `now` stops what is running; `soon` starts nothing more. */
export type HaltWhen = 'now' | 'soon';

/** `done` counts both. */
export type HaltOn = 'fail' | 'success' | 'done';

export interface ShareOfJobs {
  /** 0 to 1. */
  readonly share: number;
  /** All jobs. Where nobody knows how many there are, it is a share of those that have ended, from the third on. */
  readonly of?: number;
}

export interface Halt {
  readonly when: HaltWhen;
  readonly on: HaltOn;
  readonly limit: { readonly jobs: number } | ShareOfJobs;
}

/** A fixed time, or a multiple of the median of the successful jobs (2 for `200%`), which counts from the third on. */
export type JobTimeout = { readonly ms: number } | { readonly timesMedian: number };

export interface PoolSpec {
  /** Jobs at once, 1 or more. */
  readonly slots: number;
  /** How often a job is tried in all, 1 or more; Infinity: until it succeeds. */
  readonly attempts: number;
  readonly timeout: JobTimeout | null;
  /** Between the starts of two jobs. */
  readonly delayMs: number;
  readonly halt: Halt | null;
  /** Results are given in the order of the jobs, not in that of their ends. */
  readonly keepOrder: boolean;
}
