/** The words about a pool that has ended, and about jobs that were stopped. */
import type { JobResult } from '../core/pool/job.ts';
import { readableValue } from '../core/pool/quote-value.ts';
import { cutToCells } from '../text/cell-width.ts';
import { formatDuration } from '../text/duration.ts';
import { visibleText } from '../text/terminal-safe.ts';

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

const SHOWN_COLUMNS = 80;

/** Its output cannot show it, and its status says no more than that it has failed. */
export function timedOutText({
  seq,
  runtimeMs,
  command,
}: Pick<JobResult, 'seq' | 'runtimeMs' | 'command'>): string {
  // A command may have 200 KB: what is not shown is not looked at.
  const start = visibleText(readableValue(command.slice(0, SHOWN_COLUMNS * 2)).replaceAll(/\s+/g, ' '));
  return `job ${String(seq)} timed out after ${formatDuration(Math.round(runtimeMs))}: ${cutToCells(start, SHOWN_COLUMNS, '...')}`;
}
