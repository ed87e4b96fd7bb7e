/**
 * Tags the programs of one run and their descendants by an environment variable. The colon at the end distinguishes
 * run 1 from run 10; the part before the first colon is the tag of the supervisor.
 */
export function runIdOf(runTag: string, instance: string, run: number): string {
  return `${runTag}${instance}:${String(run)}:`;
}
