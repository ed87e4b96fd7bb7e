/** Replaces patterns in the counts of a `scale` by the processes that they match. */
import { isGlob, matchesGlob } from '../../text/glob.ts';

export interface ExpandedCounts {
  readonly counts: Readonly<Record<string, number>>;
  /** Patterns that match no process. */
  readonly unmatched: readonly string[];
}

/** A process that is named has its own count, whatever else matches it; among patterns the last one counts. */
export function expandCounts(
  given: Readonly<Record<string, number>>,
  processes: readonly string[],
): ExpandedCounts {
  const entries = Object.entries(given);
  const patterns = entries.filter(([word]) => isGlob(word));
  const matched = patterns.flatMap(([pattern, count]) =>
    processes.filter((name) => matchesGlob(pattern, name)).map((name) => [name, count] as const),
  );
  const named = entries.filter(([word]) => !isGlob(word));
  const unmatched = patterns
    .map(([pattern]) => pattern)
    .filter((pattern) => !processes.some((name) => matchesGlob(pattern, name)));
  return { counts: Object.fromEntries([...matched, ...named]), unmatched };
}
