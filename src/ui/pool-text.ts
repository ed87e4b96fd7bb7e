/** The words about a pool that has ended. */

export interface PoolEndWords {
  readonly done: number;
  readonly failed: number;
  readonly notDone: number;
  readonly problem: string | null;
}

/** '' where nothing is to be said: each failed job has told so itself. */
export function poolEndText({ done, failed, notDone, problem }: PoolEndWords): string {
  const lines: string[] = [];
  if (problem !== null) lines.push(problem);
  if (problem !== null || notDone > 0)
    lines.push(
      `stopped early: ${String(done)} ${done === 1 ? 'job' : 'jobs'} done (${String(failed)} failed), ${String(notDone)} not done`,
    );
  return lines.map((line) => `procsup: ${line}\n`).join('');
}
