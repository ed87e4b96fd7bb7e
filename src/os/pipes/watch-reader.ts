/**
 * Notices that the reader of a pipe or socket has gone while nothing is written to it. poll(2) tells it, by koffi. Without koffi
 * it is noticed for named pipes only: opening one for writing fails with ENXIO where nobody reads, but Linux opens an
 * anonymous pipe, as of `|` in a shell, all the same; there the next write tells.
 *
 * koffi takes 2 MB and some milliseconds, so it is loaded by the first look that follows no write: one that writes all the
 * time does not need it.
 */
import { closeSync, constants, openSync } from 'node:fs';
import type { HasNoReader } from './koffi.ts';

export interface ReaderWatch {
  /** To be called at each write, which would have failed without a reader: the next look is left out. */
  wrote(): void;
  stop(): void;
}

export interface WatchOptions {
  readonly everyMs: number;
  /** undefined where koffi does not work. */
  readonly load?: () => Promise<HasNoReader | undefined>;
}

/** Calls back at most once. Does not keep the process alive. */
export function watchReader(
  fd: number,
  { everyMs, load = loadPoll }: WatchOptions,
  onLeft: () => void,
): ReaderWatch {
  let hasWritten = false;
  let hasNoReader: HasNoReader | 'loading' | undefined;

  const look = (): void => {
    if (hasWritten) hasWritten = false;
    else if (hasNoReader === undefined) void choose();
    else if (hasNoReader !== 'loading' && hasNoReader(fd)) {
      stop();
      onLeft();
    }
  };
  const choose = async (): Promise<void> => {
    hasNoReader = 'loading';
    hasNoReader = (await load().catch(() => undefined)) ?? cannotBeOpened;
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  const stop = (): void => clearInterval(timer);
  return { wrote: () => void (hasWritten = true), stop };
}

async function loadPoll(): Promise<HasNoReader | undefined> {
  return (await import('./koffi-addon.ts')).loadFastKoffiPoll();
}

/** Never without /proc. */
function cannotBeOpened(fd: number): boolean {
  try {
    closeSync(openSync(`/proc/self/fd/${String(fd)}`, constants.O_WRONLY | constants.O_NONBLOCK));
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENXIO';
  }
}
