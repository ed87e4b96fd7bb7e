/** Parts the output of one run of the supervisor from that of the next, for `logs --all`. */
import type { RunMark } from '../../control/api.ts';
import type { Io } from '../io.ts';

export interface RunMarksOptions {
  readonly json: boolean;
  readonly prefix: boolean;
  readonly io: Pick<Io, 'stderr'>;
}

/** A line with the mark of its run before it, where that is another one than that of the line before. */
export type RunMarks = (run: RunMark | undefined, line: Uint8Array) => Uint8Array;

export function createRunMarks({ json, prefix, io }: RunMarksOptions): RunMarks {
  let told: RunMark | undefined;
  return (run, line) => {
    if (run === undefined || run === told) return line;
    told = run;
    if (json) return Buffer.concat([Buffer.from(`${JSON.stringify(run)}\n`), line]);
    if (prefix) return Buffer.concat([Buffer.from(runText(run)), line]);
    // Bare output contains only what the program wrote.
    io.stderr(runText(run));
    return line;
  };
}

/** `---- run of 2026-01-31 12:00:00, pid 4242 ----`, in local time. */
function runText({ run: { since, pid } }: RunMark): string {
  const moment = new Date(since);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return `---- run of ${local.toISOString().slice(0, 19).replace('T', ' ')}, pid ${String(pid)} ----\n`;
}
