/**
 * The job log of GNU parallel, written and read: a line for each job that has ended, so that a later run can leave out what
 * is done. A log of either program is resumed by the other.
 */
import type { JobResult } from './job.ts';
import { numberOfSignal } from './signal-number.ts';

export const JOBLOG_HEADER = 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n';

/** As parallel's: `:` is this host, times are seconds, a newline in a command is a NUL byte, a timeout has the value -1. */
export function joblogLine(result: JobResult): string {
  const { seq, startedAtMs, runtimeMs, sentBytes, receivedBytes, exit, timedOut, command } = result;
  const signal = 'signal' in exit ? numberOfSignal(exit.signal) : 0;
  const status = 'code' in exit ? exit.code : timedOut ? -1 : 0;
  const fields = [
    ...[String(seq), ':', (startedAtMs / 1000).toFixed(3)],
    (runtimeMs / 1000).toFixed(3).padStart(10),
    ...[String(sentBytes), String(receivedBytes), String(status), String(signal)],
    command.replaceAll('\n', '\0'),
  ];
  return `${fields.join('\t')}\n`;
}

/** What a job log says about the jobs. */
export interface JoblogReading {
  /** Whether a job is in the log, by its last line there. */
  readonly hasEnded: (seq: number) => boolean;
  readonly hasFailed: (seq: number) => boolean;
  /** The last line has no newline: what is added begins with one. */
  readonly isCut: boolean;
  /** Number of the first line that is not of a job log; null: none. */
  readonly foreignLine: number | null;
}

export interface JoblogReader {
  /** Takes the next line; the last one may be empty or cut. */
  add(line: string): void;
  end(lastLine: string): JoblogReading;
}

/** All fields but the command, each with the tab that ends it: a line that is cut within the command counts. */
const LINE = /^(\d+)\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t(-?\d+)\t(\d+)\t/;

/** Keeps two bits for each job: a log may have millions. */
export function readJoblog(): JoblogReader {
  const ended = bits();
  const failed = bits();
  let [lineCount, foreignLine]: [number, number | null] = [0, null];

  const add = (line: string, isLast = false): void => {
    lineCount += 1;
    if (line === '' || `${line}\n` === JOBLOG_HEADER) return;
    const [, seq, status, signal] = LINE.exec(line) ?? [];
    if (seq === undefined) {
      // The last line may be cut anywhere.
      if (!isLast) foreignLine ??= lineCount;
      return;
    }
    ended.set(Number(seq), true);
    failed.set(Number(seq), status !== '0' || signal !== '0');
  };

  return {
    add: (line) => {
      add(line);
    },
    end(lastLine) {
      if (lastLine !== '') add(lastLine, true);
      const isWholeFile = lineCount === 1 && lastLine !== '';
      if (isWholeFile && !LINE.test(lastLine) && !JOBLOG_HEADER.startsWith(lastLine)) foreignLine ??= 1;
      return {
        hasEnded: ended.has,
        hasFailed: failed.has,
        isCut: lastLine !== '',
        foreignLine,
      };
    },
  };
}

interface Bits {
  readonly set: (index: number, value: boolean) => void;
  readonly has: (index: number) => boolean;
}

/** Beyond it a number cannot be that of a job. */
const MOST_JOBS = 2 ** 31;

function bits(): Bits {
  let words = new Uint8Array(1024);
  return {
    set(index, value) {
      if (index >= MOST_JOBS) return;
      const at = index >> 3;
      if (at >= words.length) {
        const larger = new Uint8Array(2 ** Math.ceil(Math.log2(at + 1)));
        larger.set(words);
        words = larger;
      }
      const bit = 1 << (index & 7);
      words[at] = value ? (words[at] ?? 0) | bit : (words[at] ?? 0) & ~bit;
    },
    has: (index) => index < MOST_JOBS && ((words[index >> 3] ?? 0) & (1 << (index & 7))) !== 0,
  };
}

export type Resume = 'no' | 'ended' | 'failed';

/** Which jobs are still to be run: with `failed` (`--resume-failed`) also those that have failed. */
export function isToBeRun(seq: number, log: JoblogReading, resume: Resume): boolean {
  if (resume === 'no' || !log.hasEnded(seq)) return true;
  return resume === 'failed' && log.hasFailed(seq);
}
