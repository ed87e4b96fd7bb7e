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
import { JOBLOG_HEADER, readJoblog, type JoblogReading } from '../../core/pool/joblog.ts';

export interface JoblogFile {
  /** What it said when it was opened. */
  readonly before: JoblogReading;
  /** Adds a line. What cannot be written is kept, and tried again with the next line; returns why, or undefined. */
  add(line: string): string | undefined;
  /** Tries once more. Returns how many lines are not in the file. */
  close(): number;
}

/** A file with lines of something else is left alone: its name was probably mistaken. */
export type JoblogOpening = JoblogFile | { readonly foreignLine: number };

const CHUNK_BYTES = 64 * 1024;

/** `keeps`: what is there is read and added to, else it is replaced. Throws the system's error. */
export function openJoblog(path: string, keeps: boolean): JoblogOpening {
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
    const file = { before, ...writer(fd, isNew ? JOBLOG_HEADER : isCut ? '\n' : '') };
    return file;
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

function writer(fd: number, start: string): Pick<JoblogFile, 'add' | 'close'> {
  let pending = Buffer.from(start);
  let lineCount = 0;

  const write = (): string | undefined => {
    try {
      while (pending.length > 0) pending = pending.subarray(writeSync(fd, pending));
      lineCount = 0;
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  };

  return {
    add(line) {
      // One write for a line: it is whole, or the last one.
      pending = pending.length === 0 ? Buffer.from(line) : Buffer.concat([pending, Buffer.from(line)]);
      lineCount += 1;
      return write();
    },
    close() {
      write();
      closeSync(fd);
      return lineCount;
    },
  };
}
