import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Linux: /dev/null and its like. */
const MEMORY_DEVICES = 1;

/** As isatty(3). The modules of Node that it takes are not loaded for files, pipes and /dev/null. */
export function isTerminal(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    if (!stats.isCharacterDevice()) return false;
    if (process.platform === 'linux' && stats.rdev >> 8 === MEMORY_DEVICES) return false;
  } catch {
    return false;
  }
  return isatty(fd);
}
