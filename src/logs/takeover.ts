import { withLog } from './archive.ts';
import { errnoOf, type LogDisk } from './disk.ts';
import { listLogs, logPaths } from './paths.ts';

/**
 * What is there from an earlier supervisor: removes the files of a process that are more than `maxFiles`, and returns the
 * largest stamp of all, so that what is recorded from now on comes after it.
 */
export function takeOverLogs(disk: LogDisk, directory: string, maxFiles: number): number {
  let last = 0;
  for (const [name, ages] of listLogs(disk, directory)) {
    for (const age of ages) if (age >= maxFiles) remove(disk, directory, name, age);
    const { index } = withLog(disk, directory, name, Math.min(...ages), (file) => file) ?? {};
    last = Math.max(last, index?.lastStamp ?? 0);
  }
  return last;
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
