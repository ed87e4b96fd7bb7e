/**
 * Noticing that the reader of a pipe has left while nobody writes: opening a pipe for writing without waiting fails
 * with ENXIO when nobody reads it. A look costs some microseconds and does not keep the process alive.
 */
import { closeSync, constants, openSync } from 'node:fs';

/** Returns what ends the watch. Calls back at most once; never where the system has no /proc. */
export function watchPipeReader(fd: number, everyMs: number, onLeft: () => void): () => void {
  const timer = setInterval(() => {
    try {
      closeSync(openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) return;
      clearInterval(timer);
      onLeft();
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
