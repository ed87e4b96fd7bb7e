/**
 * Notices that the reader of a named pipe is gone while nothing is written: a non-blocking open for writing fails with ENXIO
 * without a reader. A check costs some microseconds and does not keep the process alive. Linux opens an anonymous pipe, as
 * of `|` in a shell, all the same: there only the next write tells.
 */
import { closeSync, constants, openSync } from 'node:fs';

/** Returns a function that ends the watch. Calls back at most once; never without /proc. */
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
