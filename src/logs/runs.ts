/**
 * When each supervisor that has written here began, by stamps: a file of one JSON line for each, the latest last. What is
 * not in it (a full disk, an older version of us) is taken for a part of the run before.
 */
import { join } from 'node:path';
import { errnoOf, type LogDisk } from './disk.ts';

export interface LogRun {
  /** What was recorded in it has a larger one. */
  readonly stamp: number;
  /** ISO time of its start. */
  readonly since: string;
  /** Of the supervisor. */
  readonly pid: number;
}

/** Log files seldom hold more runs than this. */
const MOST_RUNS = 500;
/** Rewritten when it has grown by so many more. */
const SLACK = 500;

const pathIn = (directory: string): string => join(directory, 'runs');

/** In order. Nothing where they cannot be read. */
export function readRuns(disk: LogDisk, directory: string): readonly LogRun[] {
  return parse(readText(disk, pathIn(directory)));
}

/** Adds a run; where that cannot be written it is left out. */
export function addRun(disk: LogDisk, directory: string, run: LogRun): void {
  const path = pathIn(directory);
  try {
    disk.makeDirectory(directory);
    const text = readText(disk, path);
    const known = parse(text);
    if (known.length >= MOST_RUNS + SLACK) {
      const next = `${path}.new`;
      const kept = [...known.slice(1 - MOST_RUNS), run];
      put(disk, next, 0, kept.map(lineOf).join(''));
      disk.rename(next, path);
      return;
    }
    // The last line may have been cut by a crash or a full disk.
    const isCut = text.length > 0 && !text.endsWith('\n');
    put(disk, path, Buffer.byteLength(text), `${isCut ? '\n' : ''}${lineOf(run)}`);
  } catch (error) {
    errnoOf(error);
  }
}

const lineOf = ({ stamp, since, pid }: LogRun): string => `${JSON.stringify({ stamp, since, pid })}\n`;

function put(disk: LogDisk, path: string, at: number, text: string): void {
  const fd = disk.open(path, 'write');
  try {
    disk.truncate(fd, at);
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += disk.write(fd, bytes.subarray(done), at + done);
  } finally {
    disk.close(fd);
  }
}

function readText(disk: LogDisk, path: string): string {
  let fd: number | undefined;
  try {
    if (disk.inodeAt(path) === undefined) return '';
    fd = disk.open(path, 'read');
    const bytes = Buffer.alloc(Math.min(disk.stat(fd).sizeBytes, MOST_BYTES));
    return bytes.toString('utf8', 0, disk.read(fd, bytes, 0));
  } catch (error) {
    errnoOf(error);
    return '';
  } finally {
    if (fd !== undefined) disk.close(fd);
  }
}

/** Other programs may have written to the file: no more of it is read. */
const MOST_BYTES = 1024 * 1024;

function parse(text: string): readonly LogRun[] {
  return text
    .split('\n')
    .flatMap((line) => runOf(line) ?? [])
    .sort((a, b) => a.stamp - b.stamp);
}

function runOf(line: string): LogRun | undefined {
  try {
    const { stamp, since, pid } = JSON.parse(line) as Partial<LogRun>;
    const isSound =
      Number.isSafeInteger(stamp) && Number.isSafeInteger(pid) && !Number.isNaN(Date.parse(String(since)));
    return isSound ? ({ stamp, since, pid } as LogRun) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a mark before the first line of each run, and at the end that of the last one if it has none yet. */
export async function* partedByRuns<Entry extends { readonly stamp: number }, Line, Mark>(
  batches: AsyncIterable<readonly Entry[]>,
  runs: readonly LogRun[],
  lineOf: (entry: Entry) => Line,
  markOf: (run: LogRun) => Mark,
): AsyncGenerator<readonly (Line | Mark)[]> {
  const left = [...runs];
  for await (const batch of batches) {
    yield batch.flatMap((entry): readonly (Line | Mark)[] => {
      let begun: LogRun | undefined;
      while (left[0] !== undefined && left[0].stamp < entry.stamp) begun = left.shift();
      return begun === undefined ? [lineOf(entry)] : [markOf(begun), lineOf(entry)];
    });
  }
  if (left.length > 0) yield left.slice(-1).map(markOf);
}
