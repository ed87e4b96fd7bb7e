/**
 * Where the shared memory of a supervisor is: a private directory named by its run tag, so that its guardian, and the next
 * supervisor after a crash, know it from the start. Nothing is made here.
 */
import { accessSync, constants, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Memory of the machine, as a file system (tmpfs). Not on macOS. */
const SHM = '/dev/shm';

export function sharedMemoryDirectory(runTag: string): string {
  return join(isWritable(SHM) ? SHM : tmpdir(), nameFor(runTag));
}

export const isInMemory = (directory: string): boolean => directory.startsWith(`${SHM}/`);

/** Of a supervisor that has ended. What cannot be removed stays. */
export function removeSharedMemory(runTag: string): void {
  for (const parent of [SHM, tmpdir()]) removeFlat(join(parent, nameFor(runTag)));
}

/** The directory of such files: whatever else somebody has put there keeps it. */
function removeFlat(path: string): void {
  try {
    const stats = lstatSync(path);
    if (!stats.isDirectory() || stats.uid !== process.geteuid?.()) return;
    for (const name of readdirSync(path)) {
      const file = join(path, name);
      if (lstatSync(file).isFile()) unlinkSync(file);
    }
    rmdirSync(path);
  } catch {
    return;
  }
}

/** A run tag ends with a colon. */
const nameFor = (runTag: string): string => `procsup-shm-${runTag.replaceAll(/[^0-9a-z-]/g, '')}`;

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
