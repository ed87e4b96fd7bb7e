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

function remove(disk: LogDisk, directory: string, name: string, age: number): void {
  const { log, index } = logPaths(directory, name, age);
  try {
    disk.remove(index);
    disk.remove(log);
  } catch (error) {
    errnoOf(error);
  }
}
