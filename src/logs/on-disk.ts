/** What keeps logs in files: a chunk, for a `start` in the foreground keeps none. */
export { createLogArchive } from './archive.ts';
export { nodeDisk } from './disk.ts';
export { createLogFiles } from './files.ts';
export { addRun, readRuns } from './runs.ts';
export { removeOldLogs, takeOverLogs } from './takeover.ts';
