/** Opens the job log, and keeps it: a full disk is told once, and what could not be written is tried again. */
import type { Checked, Problem } from '../../core/problem.ts';
import type { JobResult } from '../../core/pool/job.ts';
import { joblogLine, type JoblogReading } from '../../core/pool/joblog.ts';
import { openJoblog, type JoblogFile } from '../../os/pool/joblog-file.ts';
import type { Io } from '../io.ts';
import type { PoolSettings } from './settings.ts';
import { systemReason } from './system-reason.ts';

export interface Joblog {
  readonly before: JoblogReading;
  add(result: JobResult): void;
  /** Returns how many jobs could not be logged, after having told it. */
  close(): number;
}

/** `value` null: none is wanted. `onlyLooks`: nothing will run, so the log that is there is only looked at. */
export function openLog(
  { joblog, resume }: PoolSettings,
  io: Io,
  onlyLooks: boolean,
): Checked<Joblog | null> {
  if (joblog === null) return { value: null, problems: [] };
  const { path, appends } = joblog;
  try {
    const opening = openJoblog(path, onlyLooks || appends || resume !== 'no');
    if ('foreignLine' in opening) return refused(foreignProblem(path, opening.foreignLine));
    return { value: kept(opening, path, io), problems: [] };
  } catch (error) {
    const message = `cannot open the job log '${path}': ${systemReason(error)}`;
    return refused({
      code: 'pool-joblog-unwritable',
      severity: 'error',
      message,
      remedy: 'name another file',
    });
  }
}

const refused = (problem: Problem): Checked<Joblog | null> => ({ value: undefined, problems: [problem] });

function foreignProblem(path: string, line: number): Problem {
  return {
    code: 'pool-joblog-foreign',
    severity: 'error',
    message: `'${path}' is not a job log: line ${String(line)} has other contents`,
    remedy: 'name another file, or remove this one',
  };
}

function kept(file: JoblogFile, path: string, io: Io): Joblog {
  let lastReason: string | undefined;
  const tell = (text: string): void => {
    io.stderr(`procsup: ${text}\n`);
  };
  return {
    before: file.before,
    add(result) {
      const why = file.add(joblogLine(result));
      if (why !== undefined && lastReason === undefined)
        tell(`cannot write to the job log '${path}': ${systemReason({ code: why })}; trying again`);
      lastReason = why;
    },
    close() {
      const count = file.close();
      if (count > 0)
        tell(`${String(count)} ${count === 1 ? 'job is' : 'jobs are'} missing in the job log '${path}'`);
      return count;
    },
  };
}
