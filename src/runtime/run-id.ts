/**
 * Marks the programs of one run, and whatever they start, by an environment variable. The colon at the end keeps run 1
 * from being taken for the beginning of run 10; the part before the first colon is the whole supervisor's.
 */
export function runIdOf(mark: string, instance: string, run: number): string {
  return `${mark}${instance}:${String(run)}:`;
}
