import { errnoOf, type LogDisk } from './disk.ts';
import { listLogs, logPaths } from './paths.ts';
import { lastStampIn } from './archive.ts';
import type { LastStamp } from './stamp.ts';

/**
 * What is there from an earlier supervisor: removes the files of a process that are more than `maxFiles`, and returns the
 * largest stamp of all, so that what is recorded from now on comes after it.
 */
export function takeOverLogs(disk: LogDisk, directory: string, maxFiles: number): LastStamp {
  for (const [name, ages] of listLogs(disk, directory)) {
    for (const age of ages) if (age >= maxFiles) remove(disk, directory, name, age);
  }
  return lastStampIn(disk, directory);
}

/** How long the files of an instance that is no longer part of the application are kept after the last write. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Removes the files of instances that are gone, and that were last written to more than a week before `nowMs`. */
export function removeOldLogs(
  disk: LogDisk,
  directory: string,
  nowMs: number,
  isGone: (name: string) => boolean,
): void {
  for (const [name, ages] of listLogs(disk, directory)) {
    if (!isGone(name)) continue;
    for (const age of ages) {
      const { log } = logPaths(directory, name, age);
      const mtimeMs = mtimeOf(disk, log);
      if (mtimeMs !== undefined && nowMs - mtimeMs > KEPT_MS) remove(disk, directory, name, age);
    }
  }
}

/** Undefined where it cannot be told: that file stays. */
function mtimeOf(disk: LogDisk, path: string): number | undefined {
  let fd: number | undefined;
  try {
    fd = disk.open(path, 'read');
    return disk.stat(fd).mtimeMs;
  } catch (error) {
    errnoOf(error);
    return undefined;
  } finally {
    if (fd !== undefined) disk.close(fd);
  }
}

function remove(disk: LogDisk, directory: string, name: string, age: number): void {
  const { log, index } = logPaths(directory, name, age);
  try {
    disk.remove(index);
    disk.remove(log);
  } catch (error) {
    errnoOf(error);
  }
}
