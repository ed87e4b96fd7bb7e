/** The file of a job log: read for a resume, and written line by line as jobs end. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { bytesOfValue } from '../../core/pool/quote-value.ts';
import { JOBLOG_HEADER, readJoblog, type JoblogReading } from '../../core/pool/joblog.ts';

export interface JoblogFile {
  /** What it said when it was opened. */
  readonly before: JoblogReading;
  /**
   * Adds a line. What cannot be written is kept, up to a limit, and tried again with the next line; returns why, or undefined.
   */
  add(line: string): string | undefined;
  /** Tries once more. Returns how many lines are not in the file. */
  close(): number;
}

/** A file with lines of something else is left alone: its name was probably mistaken. */
export type JoblogOpening = JoblogFile | { readonly foreignLine: number };

const CHUNK_BYTES = 64 * 1024;
/** Lines that wait for room on the disk. Beyond that the jobs go on, and later lines are missing. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** `keeps`: what is there is read and added to, else it is replaced. Throws the system's error. */
export function openJoblog(
  path: string,
  keeps: boolean,
  { mostWaitingBytes = MOST_WAITING_BYTES, write = writeSync }: Partial<Writing> = {},
): JoblogOpening {
  const isRegular = isRegularOrMissing(path);
  const access = isRegular ? constants.O_RDWR : constants.O_WRONLY;
  const fd = openSync(path, access | constants.O_CREAT | constants.O_APPEND, 0o666);
  try {
    const before = isRegular ? readWhole(fd) : readJoblog().end('');
    const { foreignLine, isCut } = before;
    if (foreignLine !== null) {
      closeSync(fd);
      return { foreignLine };
    }
    if (isRegular && !keeps) ftruncateSync(fd, 0);
    const isNew = !isRegular || fstatSync(fd).size === 0;
    return { before, ...writer(fd, isNew ? JOBLOG_HEADER : isCut ? '\n' : '', { mostWaitingBytes, write }) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function isRegularOrMissing(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

/** Line by line: a log may be larger than memory. */
function readWhole(fd: number): JoblogReading {
  const reader = readJoblog();
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest = '';
  for (let at = 0; ;) {
    const got = readSync(fd, chunk, 0, CHUNK_BYTES, at);
    if (got === 0) return reader.end(rest);
    at += got;
    // Numbers are all that is read of it.
    const lines = (rest + chunk.toString('latin1', 0, got)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) reader.add(line);
  }
}

interface Writing {
  readonly mostWaitingBytes: number;
  readonly write: (fd: number, bytes: Uint8Array) => number;
}

function writer(
  fd: number,
  start: string,
  { mostWaitingBytes, write }: Writing,
): Pick<JoblogFile, 'add' | 'close'> {
  /** What begins the file, then lines. */
  let waiting: Uint8Array[] = start === '' ? [] : [Buffer.from(start)];
  let waitingBytes = 0;
  let [waitingLines, lostLines] = [0, 0];

  const writeAll = (): string | undefined => {
    let done = 0;
    try {
      for (let bytes = waiting[done]; bytes !== undefined; bytes = waiting[done]) {
        const taken = write(fd, bytes);
        waitingBytes -= taken;
        if (taken < bytes.length) waiting[done] = bytes.subarray(taken);
        else done += 1;
      }
      [waiting, waitingBytes, waitingLines] = [[], 0, 0];
      return undefined;
    } catch (error) {
      waiting = waiting.slice(done);
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  };

  return {
    add(line) {
      // One write for a line: it is whole, or the last one.
      const bytes = bytesOfValue(line);
      if (waitingBytes + bytes.length > mostWaitingBytes) {
        const why = writeAll();
        if (why !== undefined) {
          lostLines += 1;
          return why;
        }
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      waitingLines += 1;
      return writeAll();
    },
    close() {
      writeAll();
      closeSync(fd);
      return lostLines + waitingLines;
    },
  };
}
