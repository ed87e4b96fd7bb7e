/** Small deeds on files of the cache. Those that never throw are about what can be left undone. */
import { readdirSync, readFileSync, rmdirSync, rmSync, statSync, utimesSync } from 'node:fs';

/** Undefined: there is none. Throws the system's error. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The same of a file with the time of its last change. */
export function readWithTime(path: string): { readonly text: string; readonly mtimeMs: number } | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  const text = stats === undefined ? undefined : textOf(path);
  return stats === undefined || text === undefined ? undefined : { text, mtimeMs: stats.mtimeMs };
}

/** None where there is no such directory. Throws the system's error. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function touch(path: string): void {
  quietly(() => {
    const now = new Date();
    utimesSync(path, now, now);
  });
}

export const removeQuietly = (path: string): void => quietly(() => rmSync(path, { force: true }));

/** Where something is in it, it stays. */
export const removeDirectory = (path: string): void => quietly(() => rmdirSync(path));

function quietly(deed: () => void): void {
  try {
    deed();
  } catch {
    // It is read-only, or gone.
  }
}
