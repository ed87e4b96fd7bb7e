/** The rules of a queue, which its user may set. */

export interface QueueRules {
  /** Messages that wait, are delayed or leased; null: as many as there is room for. */
  readonly maxsize: number | null;
  /** Runs that may begin before a message goes to the dead letters. */
  readonly attempts: number;
  /** Before the second run; doubled with each further one. */
  readonly backoffMs: number;
}

export const DEFAULT_RULES: QueueRules = { maxsize: null, attempts: 5, backoffMs: 1000 };

export const LONGEST_BACKOFF_MS = 60_000;

/** `failed`: runs that have failed, this one included. */
export function backoffAfter({ backoffMs }: QueueRules, failed: number): number {
  return Math.min(backoffMs * 2 ** Math.min(failed - 1, 30), Math.max(LONGEST_BACKOFF_MS, backoffMs));
}
