/** `--results`: where the output of each job is kept, and what is told where that is impossible. */
import { resolve } from 'node:path';
import type { Job, JobOutput, JobResult } from '../../core/pool/job.ts';
import { resultsPath } from '../../core/pool/results-path.ts';
import { hasResults, saveResults, type ResultsPlace } from '../../os/pool/results-files.ts';
import type { ResultsSettings } from './results-settings.ts';
import type { PoolSettings } from './settings.ts';
import { systemReason } from './system-reason.ts';

export interface Results {
  has(job: Job): boolean;
  /** Throws an error with words for the user. */
  save(job: Job, result: JobResult, output: JobOutput): void;
}

/** `cwd`: relative paths begin there. */
export function openResults({ results }: Pick<PoolSettings, 'results'>, cwd: string): Results | undefined {
  if (results === null) return undefined;
  return {
    has: (job) => hasResults(placeOf(job, results, cwd)),
    save(job, { seq }, output) {
      const place = placeOf(job, results, cwd);
      try {
        saveResults(place, seq, output);
      } catch (error) {
        const what = `cannot keep the output of job ${String(seq)} in '${results.text}'`;
        throw new Error(`${what}: ${systemReason(error)}`, { cause: error });
      }
    },
  };
}

/** As GNU parallel: a text with replacement strings names a directory where it ends with a slash, else the file of the stdout. */
function placeOf(
  { seq, values }: Job,
  { text, template, perRecord }: ResultsSettings,
  cwd: string,
): ResultsPlace {
  if (template === null) return within(resolve(cwd, text, resultsPath(values, perRecord)));
  const named = template.render(values, seq, '');
  const path = resolve(cwd, named);
  return named.endsWith('/') ? within(path) : { stdout: path, stderr: `${path}.err`, seq: `${path}.seq` };
}

const within = (directory: string): ResultsPlace => ({
  stdout: `${directory}/stdout`,
  stderr: `${directory}/stderr`,
  seq: `${directory}/seq`,
});
