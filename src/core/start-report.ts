/** The answer of `/v1/analyze` and `procsup analyze --json`. The field names are public. */
import type { StartEnd } from './analyze.ts';
import type { Need } from './plan/process-plan.ts';

/** The last start: what waited for what, and how long each took. Times are seconds since `since`, to the millisecond. */
export interface StartReport {
  readonly verb: 'start' | 'restart';
  /** ISO time of the request. */
  readonly since: string;
  /** Null: it goes on. */
  readonly took: number | null;
  /** What decided how long it took: each waited for the one before. */
  readonly chain: readonly string[];
  readonly instances: readonly ReportedInstance[];
}

export interface ReportedInstance {
  readonly name: string;
  readonly state: StartEnd;
  /** When it began to wait for its needs; null: it did not. */
  readonly waiting: number | null;
  /** When its first run began. */
  readonly started: number | null;
  /** When it was ready, had succeeded, or had failed for good. */
  readonly ended: number | null;
  /** What held it up last. */
  readonly after: { readonly name: string; readonly until: Need['until'] } | null;
  readonly waited: number;
  /** From the end of that wait to its end. */
  readonly took: number | null;
  readonly failedRuns: number;
  /** It is part of the chain. */
  readonly critical: boolean;
}
